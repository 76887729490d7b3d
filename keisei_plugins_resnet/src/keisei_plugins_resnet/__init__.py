"""The SE-ResNet actor-critic of Keisei."""
