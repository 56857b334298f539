"""All addresses: the pages of `web`, and nothing else."""

urlpatterns: list[object] = []
