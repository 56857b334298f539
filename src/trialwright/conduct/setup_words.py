"""What each line of a study's checklist is called, and what to do while it isn't met."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from trialwright.conduct.reads.setup import Wanted

NAMES: dict[Wanted, Promise] = {
    Wanted.PROTOCOL: _("The protocol file passes its check"),
    Wanted.FACTS: _("No safety-critical fact is only assumed"),
    Wanted.SITES: _("There is a site"),
    Wanted.PEOPLE: _("Every role of the protocol is held by somebody"),
    Wanted.INVESTIGATORS: _("Each site has an investigator who signs"),
    Wanted.SPONSOR: _("Somebody signs for the sponsor"),
    Wanted.LIST: _("The allocation list that was drawn outside is uploaded"),
    Wanted.KEYS: _("The keys can be recovered"),
    Wanted.SIMULATION: _("A simulation of this very file has passed"),
    Wanted.TRAINING: _("Everyone who enters data has entered one visit in the training copy"),
    Wanted.SPONSOR_SIGNATURE: _("The protocol is signed for the sponsor"),
    Wanted.INVESTIGATOR_SIGNATURE: _("The protocol is signed by an investigator"),
    Wanted.ACTIVATION: _("The study is activated"),
    Wanted.AMENDMENT: _("The amendment is in force"),
    Wanted.OPENING: _("A site is open"),
}

WAYS_OUT: dict[Wanted, Promise] = {
    Wanted.PROTOCOL: _("Correct the file where the page of the protocol says so."),
    Wanted.FACTS: _("Confirm each on the page of the protocol, or in the file."),
    Wanted.SITES: _("Add one."),
    Wanted.PEOPLE: _("Invite people, or do without these roles."),
    Wanted.INVESTIGATORS: _("Invite one for each site, in a role that signs the protocol."),
    Wanted.SPONSOR: _("Give somebody a role that signs the protocol and belongs to no site."),
    Wanted.LIST: _(
        "Have the role that the protocol names upload it on its page, or with trialwright study "
        "upload-list STUDY FILE --by NAME."
    ),
    Wanted.KEYS: _(
        "Wrap them for a custodian (trialwright ledger wrap-keys), then test their copy "
        "(trialwright ledger test-keys)."
    ),
    Wanted.SIMULATION: _(
        "Simulate it on the machine, in a database made for it: trialwright study simulate STUDY "
        "--by NAME. What came of it stands on the page of the simulation."
    ),
    Wanted.TRAINING: _(
        "Make the training copy on its page, or with trialwright study training STUDY --by NAME; "
        "then each of them enters all their forms of one visit there."
    ),
    Wanted.SPONSOR_SIGNATURE: _("Ask the person who signs for the sponsor to sign in here."),
    Wanted.INVESTIGATOR_SIGNATURE: _("Ask an investigator to sign in here."),
    Wanted.ACTIVATION: _("Activate it when everything above is done."),
    Wanted.AMENDMENT: _("Put it in force when everything above is done; it begins site by site."),
    Wanted.OPENING: _("Open one once the study is activated."),
}
