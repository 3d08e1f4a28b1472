//! What the classes of Django, Django REST framework and packages around them serve by themselves.
//! Methods that every view answers (`HEAD`, `OPTIONS`) are left out.

/// Class, methods. The last segment of the class's path is looked up.
const VIEWS: [(&[&str], &[&str]); 9] = [
    (
        &[
            "TemplateView",
            "ListView",
            "DetailView",
            "BaseListView",
            "BaseDetailView",
            "ArchiveIndexView",
            "YearArchiveView",
            "MonthArchiveView",
            "WeekArchiveView",
            "DayArchiveView",
            "TodayArchiveView",
            "DateDetailView",
            "PasswordChangeDoneView",
            "PasswordResetDoneView",
            "PasswordResetCompleteView",
            "JavaScriptCatalog",
            "JSONCatalog",
            "ListAPIView",
            "RetrieveAPIView",
            "SpectacularAPIView",
            "SpectacularJSONAPIView",
            "SpectacularYAMLAPIView",
            "SpectacularSwaggerView",
            "SpectacularSwaggerSplitView",
            "SpectacularRedocView",
            "FilterView",
        ],
        &["get"],
    ),
    (
        &[
            "FormView",
            "CreateView",
            "UpdateView",
            "BaseFormView",
            "BaseCreateView",
            "BaseUpdateView",
            "ProcessFormView",
            "LoginView",
            "PasswordChangeView",
            "PasswordResetView",
            "PasswordResetConfirmView",
        ],
        &["get", "post", "put"],
    ),
    (&["DeleteView", "BaseDeleteView"], &["get", "post", "delete"]),
    (&["RedirectView"], &["get", "post", "put", "patch", "delete"]),
    (
        &[
            "LogoutView",
            "CreateAPIView",
            "ObtainAuthToken",
            "TokenObtainPairView",
            "TokenObtainSlidingView",
            "TokenRefreshView",
            "TokenRefreshSlidingView",
            "TokenVerifyView",
            "TokenBlacklistView",
            "TokenViewBase",
        ],
        &["post"],
    ),
    (&["ListCreateAPIView"], &["get", "post"]),
    (&["UpdateAPIView", "RetrieveUpdateAPIView"], &["put", "patch"]),
    (&["DestroyAPIView", "RetrieveDestroyAPIView"], &["delete"]),
    (&["RetrieveUpdateDestroyAPIView"], &["get", "put", "patch", "delete"]),
];
/// Classes whose row above lacks `get`.
const ALSO_GET: [&str; 2] = ["RetrieveUpdateAPIView", "RetrieveDestroyAPIView"];
/// Packages whose classes the table knows.
const KNOWN: [&str; 6] = [
    "django.",
    "rest_framework.",
    "rest_framework_simplejwt.",
    "drf_spectacular.",
    "rest_framework_nested.",
    "django_filters.",
];

/// The methods that a class out of a package serves, lower case.
pub(super) fn methods(class: &str) -> Vec<&'static str> {
    if !is_known(class) {
        return Vec::new();
    }
    let name = last(class);
    let rows = VIEWS.iter().filter(|(names, _)| names.contains(&name));
    let get = ALSO_GET.contains(&name).then_some("get");
    get.into_iter().chain(rows.flat_map(|(_, methods)| methods.iter().copied())).collect()
}

/// The actions that a viewset or mixin out of a package brings.
pub(super) fn actions(class: &str) -> &'static [&'static str] {
    if !is_known(class) {
        return &[];
    }
    match last(class) {
        "ModelViewSet" => &["list", "create", "retrieve", "update", "partial_update", "destroy"],
        "ReadOnlyModelViewSet" => &["list", "retrieve"],
        "CreateModelMixin" => &["create"],
        "ListModelMixin" => &["list"],
        "RetrieveModelMixin" => &["retrieve"],
        "UpdateModelMixin" => &["update", "partial_update"],
        "DestroyModelMixin" => &["destroy"],
        _ => &[],
    }
}

/// Whether all that the class serves is known: a class of these packages, or a mixin of any.
pub(super) fn is_known(class: &str) -> bool {
    KNOWN.iter().any(|package| class.starts_with(package)) || last(class).ends_with("Mixin")
}

/// Whether a call out of a package makes a view of the API's schema.
pub(super) fn is_schema(made: &str) -> bool {
    let is_yasg = made.starts_with("drf_yasg.") && matches!(last(made), "with_ui" | "without_ui");
    is_yasg || (made.starts_with("rest_framework.") && last(made) == "get_schema_view")
}

/// Whether instances of a class out of a package are views.
pub(super) fn is_feed(class: &str) -> bool {
    class.starts_with("django.contrib.syndication.") && last(class) == "Feed"
}

/// Whether a class out of a package turns strangers away.
pub(super) fn is_guard(class: &str) -> bool {
    matches!(last(class), "LoginRequiredMixin" | "PermissionRequiredMixin")
}

/// Whether a permission of Django REST framework turns strangers away.
pub(super) fn is_guarding_permission(class: &str) -> bool {
    class.starts_with("rest_framework.")
        && matches!(last(class), "IsAuthenticated" | "IsAdminUser" | "DjangoModelPermissions")
}

/// The routes of URL modules that come with the framework: path and handler; all of them class views
/// of [`VIEWS`] or open to every method.
pub(super) fn routes(module: &str) -> &'static [(&'static str, &'static str)] {
    match module {
        "django.contrib.auth.urls" => &[
            ("login/", "LoginView"),
            ("logout/", "LogoutView"),
            ("password_change/", "PasswordChangeView"),
            ("password_change/done/", "PasswordChangeDoneView"),
            ("password_reset/", "PasswordResetView"),
            ("password_reset/done/", "PasswordResetDoneView"),
            ("reset/{uidb64}/{token}/", "PasswordResetConfirmView"),
            ("reset/done/", "PasswordResetCompleteView"),
        ],
        "rest_framework.urls" => &[("login/", "LoginView"), ("logout/", "LogoutView")],
        "django.conf.urls.i18n" => &[("setlang/", "set_language")],
        _ => &[],
    }
}

pub(super) fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}
