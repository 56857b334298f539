"""Words of a report's section on kits."""

from trialwright.messages import Message

TEXTS = {
    "section_kits": Message("Kits"),
    "table_kits": Message("Kits by site"),
    "table_kit_products": Message("Kits by product"),
    "no_kits": Message("No kit has been listed."),
    "kit_site": Message.in_context("kit", "Site"),
    "kit_depot": Message.in_context("kit", "Depot"),
    "kit_all": Message.in_context("kit", "All"),
    "kit_product": Message.in_context("kit", "Product"),
    "kit_sent": Message.in_context("kit", "Under way"),
    "kit_stock": Message.in_context("kit", "In stock"),
    "kit_dispensed": Message.in_context("kit", "With participants"),
    "kit_returned": Message.in_context("kit", "Returned"),
    "kit_set_aside": Message.in_context("kit", "Set aside"),
    "kit_unused": Message("Unused, of returned ({unit})"),
    "kits_note": Message(
        "Kits set aside were lost, damaged or replaced, at the depot, on the way, in stock or with "
        "a participant. A full kit holds {amount} {unit}."
    ),
    "kits_arm_note": Message(
        "{fit} of {given} kits that were handed out hold what the participant's arm is given."
    ),
}
