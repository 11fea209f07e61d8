// A program that does with secrets what programs do, and prints what it was told.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

var ctx = context.Background()

func must[T any](answer T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return answer
}

func main() {
	configuration := must(config.LoadDefaultConfig(ctx))
	client := secretsmanager.NewFromConfig(configuration)
	said := map[string]any{}

	made := must(client.CreateSecret(ctx, &secretsmanager.CreateSecretInput{
		Name: aws.String("go/a"), SecretString: aws.String("ä")}))
	must(client.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId: made.ARN, SecretBinary: []byte{0, 1, 2, 255}}))
	got := must(client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{
		SecretId: aws.String("go/a")}))
	said["binary"] = got.SecretBinary
	said["created"] = got.CreatedDate.Unix()
	said["text"] = must(client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{
		SecretId: aws.String("go/a"), VersionStage: aws.String("AWSPREVIOUS")})).SecretString
	said["names"] = names(client)

	must(client.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{
		SecretId: aws.String("go/a"), ForceDeleteWithoutRecovery: aws.Bool(true)}))
	_, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{
		SecretId: aws.String("go/a")})
	var notFound *types.ResourceNotFoundException
	if errors.As(err, &notFound) {
		said["notFound"] = notFound.ErrorMessage()
	}
	if err := json.NewEncoder(os.Stdout).Encode(said); err != nil {
		log.Fatal(err)
	}
}

func names(client *secretsmanager.Client) []string {
	found := []string{}
	pages := secretsmanager.NewListSecretsPaginator(client,
		&secretsmanager.ListSecretsInput{MaxResults: aws.Int32(1)})
	for pages.HasMorePages() {
		for _, each := range must(pages.NextPage(ctx)).SecretList {
			found = append(found, *each.Name)
		}
	}
	return found
}
