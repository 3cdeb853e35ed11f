"""The demo's resources, as the door sees them."""

from diptych.demo.models import RESOURCES
from diptych.resource.reading import read_resources

SHAPES = {shape.name: shape for shape in read_resources(RESOURCES)}
