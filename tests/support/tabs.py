"""Groups of two tabs, as other programs write them, with room for the content of each."""

DOCUSAURUS = (
    '<div class="theme-tabs-container tabs-container tabList__CuJ"><ul role="tablist" aria-orientation="horizontal" '
    'class="tabs"><li role="tab" tabindex="0" aria-selected="true" class="tabs__item tabItem_LNqP '
    'tabs__item--active">Linux</li><li role="tab" tabindex="-1" aria-selected="false" class="tabs__item '
    'tabItem_LNqP">Windows</li></ul><div class="margin-top--md"><div role="tabpanel" class="tabItem_Ymn6">{}</div>'
    '<div role="tabpanel" class="tabItem_Ymn6" hidden="">{}</div></div></div>'
)
SPHINX_TABS = (
    '<div class="sphinx-tabs docutils container"><div aria-label="Tabbed content" class="closeable" role="tablist">'
    '<button aria-controls="panel-0-0-0" aria-selected="true" class="sphinx-tabs-tab" id="tab-0-0-0" name="0-0" '
    'role="tab" tabindex="0">Linux</button><button aria-controls="panel-0-0-1" aria-selected="false" '
    'class="sphinx-tabs-tab" id="tab-0-0-1" name="0-1" role="tab" tabindex="-1">Windows</button></div>'
    '<div aria-labelledby="tab-0-0-0" class="sphinx-tabs-panel" id="panel-0-0-0" name="0-0" role="tabpanel" '
    'tabindex="0">{}</div><div aria-labelledby="tab-0-0-1" class="sphinx-tabs-panel" hidden="true" id="panel-0-0-1" '
    'name="0-1" role="tabpanel" tabindex="0">{}</div></div>'
)
ACCORDION = (
    '<div id="accordion" role="tablist"><div class="card"><div class="card-header" role="tab" id="one"><h5><a '
    'data-toggle="collapse" href="#panel-one">Linux</a></h5></div><div id="panel-one" class="collapse show" '
    'role="tabpanel" aria-labelledby="one">{}</div></div><div class="card"><div class="card-header" role="tab" '
    'id="two"><h5><a data-toggle="collapse" href="#panel-two">Windows</a></h5></div><div id="panel-two" '
    'class="collapse" role="tabpanel" aria-labelledby="two">{}</div></div></div>'
)
SPHINX_DESIGN = (
    '<div class="sd-tab-set docutils"><input checked id="sd-tab-item-0" name="sd-tab-set-0" type="radio">'
    '<label class="sd-tab-label" for="sd-tab-item-0">Linux</label><div class="sd-tab-content docutils">{}</div>'
    '<input id="sd-tab-item-1" name="sd-tab-set-0" type="radio"><label class="sd-tab-label" for="sd-tab-item-1">'
    'Windows</label><div class="sd-tab-content docutils">{}</div></div>'
)
STARLIGHT = (
    '<starlight-tabs><div class="tablist-wrapper not-content"><ul role="tablist"><li role="presentation" class="tab">'
    '<a role="tab" href="#tab-panel-1" id="tab-1" aria-selected="true">Linux</a></li><li role="presentation" '
    'class="tab"><a role="tab" href="#tab-panel-2" id="tab-2" aria-selected="false" tabindex="-1">Windows</a></li>'
    '</ul></div><div id="tab-panel-1" aria-labelledby="tab-1" role="tabpanel">{}</div><div id="tab-panel-2" '
    'aria-labelledby="tab-2" role="tabpanel" hidden>{}</div></starlight-tabs>'
)
