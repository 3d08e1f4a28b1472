//! Django: URLs of the framework itself, and settings that disagree.

use crate::support::{endpoints, keys};

#[test]
fn django_urls_that_come_with_the_framework_are_written_out() {
    let urls = "from django.urls import include, path\n\
        from rest_framework_nested.routers import NestedSimpleRouter\n\
        from rest_framework.routers import SimpleRouter\n\
        from rest_framework.viewsets import ReadOnlyModelViewSet\n\
        class Items(ReadOnlyModelViewSet):\n    pass\n\
        boxes = SimpleRouter()\n\
        boxes.register('boxes', Items)\n\
        items = NestedSimpleRouter(boxes, 'boxes', lookup='box')\n\
        items.register('items', Items)\n\
        urlpatterns = [path('in/', include('rest_framework.urls')), path('', include('django.conf.urls.i18n')),\n\
        \x20   path('api/', include(boxes.urls + items.urls))]\n";
    let settings = "ROOT_URLCONF = 'site_urls'\n";
    let found = endpoints(&[("settings.py", settings), ("site_urls.py", urls)]);
    let mut keys = keys(&found);
    keys.sort_unstable();
    let expected = [
        "ANY /setlang/",
        "GET /api/boxes/",
        "GET /api/boxes/{box_pk}/items/",
        "GET /api/boxes/{box_pk}/items/{pk}/",
        "GET /api/boxes/{pk}/",
        "GET /in/login/",
        "POST /in/login/",
        "POST /in/logout/",
        "PUT /in/login/",
    ];
    assert_eq!(keys, expected);
}

#[test]
fn django_settings_that_disagree_leave_a_path_open() {
    let urls = "from django.conf import settings\nfrom django.urls import path\n\
        urlpatterns = [path(settings.BASE + 'a/', page), path(settings.SAME + 'b/', lambda request: None)]\n";
    let found = endpoints(&[
        ("urls.py", urls),
        ("settings/one.py", "ROOT_URLCONF = 'urls'\nBASE = 'x/'\nSAME = 's/'\n"),
        ("settings/two.py", "ROOT_URLCONF = 'urls'\nBASE = 'y/'\nSAME = 's/'\n"),
    ]);
    assert_eq!(keys(&found), ["ANY /s/b/"]);
    assert!(!found.unresolved.is_empty());
}
