"""What is wrong with a site is said to its operator, all of it."""

from service.core.sites import Experiment, Site, Slot, Targeting, mistakes


def test_the_demo_site_is_right(configuration):
    """The site that ships has no mistakes."""
    assert mistakes(configuration.sites["demo"]) == []


def test_every_mistake_is_named():
    """One site with everything wrong at once."""
    site = Site(
        id="shop",
        languages=("en", "en"),
        default_language="de",
        device_id_formats=(),
        topics=("outdoor",),
        experiments={
            "hero": Experiment(
                "running", ("a", "a"), "s", weights=(0.5,), namespace=("n", 0.5, 0.5), when=Targeting(languages=("nl",))
            ),
            "language": Experiment("draft", ("a", "b"), "s", weights=(0.9, 0.2)),
        },
        slots={"hero": Slot(()), "front": Slot(("x",), topics={"y": ("shoes",)})},
    )
    assert sorted(mistakes(site)) == [
        "default_language: must be one of languages",
        "device_id_formats: at least one is needed",
        "experiments.hero.namespace: its start must lie before its end",
        "experiments.hero.variants: two or more different ones are needed",
        "experiments.hero.weights: must add up to 1",
        "experiments.hero.weights: one for each variant",
        "experiments.hero.when.languages: a language the site does not have",
        "experiments.language.weights: must add up to 1",
        "experiments.language: the key is a flag of every site",
        "languages: one stands there twice",
        "slots.front.topics: a topic the site does not have",
        "slots.front.topics: an option the slot does not have",
        "slots.hero.options: one or more different ones are needed",
        "slots.hero: an experiment has this key",
    ]
    assert mistakes(Site(id="shop", languages=(), default_language="en"))[0] == "languages: at least one is needed"
