"""Whether history is as it was written: chains over events and evidence, signed heads over all."""
