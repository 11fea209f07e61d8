"""What ``secretctl exec --help`` shows."""

HELP = """\
Usage: secretctl exec [SOURCE...] [OPTIONS] -- COMMAND [ARG]...

  Run COMMAND with secrets in its environment. secretctl replaces itself by the
  command, so its exit status, signals and terminal are the command's own; or,
  where its output is masked, it is given files or an endpoint, or a value is
  watched, passes on every signal and ends as it does.

Sources:
  SECRET-ID               a JSON object: one variable for each top-level key;
                          any other string: one variable, named after the last
                          segment of the secret's name, in capitals
  SECRET-ID#KEY           one key of a JSON object
  NAME=SECRET-ID          the whole string as NAME
  NAME=SECRET-ID#KEY      one key as NAME
  ...?stage=LABEL         that version instead of AWSCURRENT
  ...?version=ID          that version
  secretctl://...         any of these, as it is written in files
  ID:KEY:STAGE:VERSION    as in ECS and CodeBuild; parts may be empty
  {{resolve:secretsmanager:ID:SecretString:KEY:STAGE:VERSION}}
                          as in CloudFormation

  SECRET-ID is a name or an ARN. A key that is a legal name of a variable is
  left as it is; another is put in capitals, with _ for every other character.
  Refused are two sources for one variable, a missing key, null, binary secrets,
  and variables that change which programs run (PATH, LD_PRELOAD, BASH_ENV,
  PYTHONPATH and their like). So are those of the system itself (USER, LOGNAME,
  MAIL, TERM, LANG, LC_*, TZ, DISPLAY and their like), unless written as NAME=.

More sources:
  --from-env              references in the values of the present environment
  --env-file FILE         a file of NAME=value lines, some with references
  --ecs-task-definition FILE [--container NAME]
                          the secrets of a container of ECS
  --buildspec FILE        env.secrets-manager of a buildspec of CodeBuild
  --optional SOURCE       a source that may be missing
  --manifest FILE, --environment NAME
                          what a manifest names; without any source, that of the
                          nearest secretctl.toml: see secretctl check

  Values are replaced if they are one reference altogether, and nothing else:
  {{resolve:secretsmanager:...}}, secretctl://..., or ECS's
  arn:aws:secretsmanager:...:secret:NAME-SUFFIX:KEY:STAGE:VERSION.
  A FILE called - is standard input; COMMAND then finds nothing more there.

Files:
  --file NAME=SOURCE      the value in a file, for you alone and in memory; its
                          path as NAME. Binary secrets and any bytes are taken.
                          The file is gone when COMMAND has ended
  --optional-file NAME=SOURCE
                          such a file, of a source that may be missing
  --file-name NAME=FILE   what the file of NAME is called, such as tls.pem;
                          otherwise NAME
  --file-kind file|fifo|descriptor
                          a file (the default); a named pipe, which gives the
                          value to everybody who opens it; or a descriptor that
                          COMMAND inherits, which has nothing to be removed

An endpoint:
  --aws-endpoint          hand over no values: COMMAND reads the secrets that
                          the SOURCES name, and no others, by AWS's SDK, as
                          from AWS. SOURCES are ids of secrets then, or the
                          manifest's. The endpoint, with a credential of its
                          own in AWS's variables, ends with COMMAND

Options:
  --on-conflict overwrite|keep|error
                          where the environment has a variable already: the
                          secret wins (the default), it stays, or exec fails
  --prefix PREFIX         in front of names that are not written as NAME=
  --keep-case             put no such name in capitals
  --pristine              pass on only PATH, HOME, TERM, LANG, LC_*, TZ, USER,
                          LOGNAME, SHELL and TMPDIR of the present environment
  --keep NAME,NAME        with --pristine, these as well
  --mask                  replace the values by *** in what COMMAND writes: as
                          they are, by line, and encoded (Base64, URL, JSON);
                          with --aws-endpoint those that it reads
  --no-mask               leave all output as it is; otherwise it is masked
                          where the environment has a variable CI and output
                          goes elsewhere than to a terminal
  --watch                 when a value that COMMAND was given changes: end it
                          (SIGTERM, SIGKILL after the grace) and run it again
  --watch-signal SIGNAL   send it SIGNAL instead: HUP, INT, QUIT, TERM, USR1,
                          USR2 or WINCH; its files have the new values then, its
                          variables stay
  --watch-grace SECONDS   how long it may take to end, 10 if nothing is said
  --no-hint               do not say, on a terminal, that an argument looks like
                          one in which the shell replaced $NAME before exec
  --vault DIR             the vault
  --endpoint-url URL      a remote Secrets Manager in its place
  --region REGION         the region
  --profile NAME          a profile of the configuration file
  --debug                 where in the program an error arose; never a value
  --help                  show this text

Examples:
  secretctl exec prod/db -- ./manage.py migrate
  secretctl exec PGPASSWORD=prod/db#password -- psql -h db.example.com
  secretctl exec --file KEY=prod/tls#key -- sh -c 'ssh-add "$KEY"'
  secretctl exec 'TOKEN=ci/token?stage=AWSPREVIOUS' --pristine -- ./deploy.sh
  secretctl exec --aws-endpoint prod/db -- python app_that_uses_boto3.py
  secretctl exec TOKEN=ci/token -- sh -c 'curl -H "X-Token: $TOKEN" "$URL"'
      single quotes: otherwise your own shell replaces $TOKEN, before exec

Exit status:
  that of COMMAND; 128+N in a shell when signal N ended it
  126  COMMAND cannot be run, or its environment would be too large
  127  there is no such COMMAND
  130  interrupted before COMMAND ran
  252  the command line, or a secret that cannot be an environment variable
  253  configuration or vault
  254  a secret could not be read
  255  anything else
"""
