"""Pages of products: lots, donors, containers, the bedside, who was given what."""
