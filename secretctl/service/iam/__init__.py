"""IAM: users, groups, roles, their policies and access keys."""
