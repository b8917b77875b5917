"""Names that both sides of the channel scenarios use; imports nothing."""

SKUS = {"TEA": "3410000000000001", "RICE": "3410000000000002", "BOX": "3410000000000003"}
