"""What stands beside a trial: related trials, its history, what its dates throw doubt on."""
