"""The pages of registered trials: search, one trial, what stands beside it. Nobody signs in."""
