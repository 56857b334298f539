"""The names that a program reads and sends: the visits, forms and items of the protocol."""

from django.http import HttpRequest

from trialwright.protocol.forms import Form, Item
from trialwright.web.api.routing import router
from trialwright.web.api.shapes import DictionaryOut, FormDefinition, ItemOut, VisitDefinition
from trialwright.web.api.who import actor_for


@router.get("/studies/{study}/dictionary", response=DictionaryOut, summary="Visits and forms")
def dictionary(request: HttpRequest, study: str) -> DictionaryOut:
    """Tell the visits, forms and items of the protocol in force, as the case report form does."""
    _actor, protocol = actor_for(request, study)
    return DictionaryOut(
        study=study,
        version=protocol.version,
        visits=[
            VisitDefinition(
                visit=visit.key,
                label=visit.label.en,
                unscheduled=visit.unscheduled,
                forms=list(visit.forms),
            )
            for visit in protocol.visits
        ],
        forms=[_form(form) for form in protocol.forms],
    )


def _form(form: Form) -> FormDefinition:
    items = [_item(each) for each in form.items]
    return FormDefinition(form=form.key, label=form.label.en, repeating=form.repeating, items=items)


def _item(item: Item) -> ItemOut:
    return ItemOut(
        item=item.key,
        label=item.label.en,
        type=item.type.value,
        unit=item.unit,
        choices={each.code: each.label.en for each in item.code_list or ()},
        optional=item.optional,
        computed=item.computed,
        missing_reasons=list(item.missing_reasons),
    )
