"""From a registered trial to a draft of its protocol file."""
