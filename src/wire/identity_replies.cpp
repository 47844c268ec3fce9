#include <wire/identity_replies.hpp>

#include <algorithm>
#include <base/ascii.hpp>
#include <wire/json.hpp>

namespace kusto::wire
{

namespace
{

using id_kind = identity_id::kind;

/// What a host says when it refuses.
struct refusal
{
    std::string_view code;
    std::string_view text;
    std::string_view correlation;
};

/// App Service writes its members in several spellings.
json::value const* loose_member(json::value const& from, std::string_view name) noexcept
{
    auto const* const object = from.if_object();
    if (object == nullptr)
        return nullptr;
    auto const* const found = std::find_if(object->begin(), object->end(),
                                           [name](json::key_value_pair const& one)
                                           { return base::equal_ignoring_case(one.key(), name); });
    return found == object->end() ? nullptr : &found->value();
}

std::string_view loose_text(json::value const& from, std::string_view name) noexcept
{
    auto const* const found = loose_member(from, name);
    if (found == nullptr || !found->is_string())
        return {};
    auto const& text = found->get_string();
    return {text.data(), text.size()};
}

std::string_view first_text(json::value const& from, std::string_view name,
                            std::string_view other) noexcept
{
    auto const text = loose_text(from, name);
    return text.empty() ? loose_text(from, other) : text;
}

/// `{"error":"code","error_description":"text"}`, `{"error":{"code":"code","message":"text"}}`,
/// `{"statusCode":400,"message":"text"}`.
refusal read_refusal(json::value const& document)
{
    auto const* const error = loose_member(document, "error");
    auto const& inner = error != nullptr && error->is_object() ? *error : document;
    refusal said;
    said.code = first_text(inner, "error", "code");
    said.text = first_text(inner, "message", "error_description");
    said.correlation = first_text(inner, "correlationId", "correlation_id");
    return said;
}

bool has_selectors(identity_host host) noexcept
{
    return host != identity_host::service_fabric && host != identity_host::cloud_shell;
}

std::string_view remedy_for_unauthorized(identity_host host)
{
    switch (host)
    {
    case identity_host::azure_arc:
        return "the agent of Azure Arc did not accept the key that it had written; restart the "
               "agent (azcmagent)";
    case identity_host::app_service:
    case identity_host::service_fabric:
        return "the secret in IDENTITY_HEADER was not accepted";
    case identity_host::machine_learning:
        return "the secret in MSI_SECRET was not accepted";
    case identity_host::imds:
    case identity_host::cloud_shell:
        break;
    }
    return "it does not know where the request comes from; is something between this process and "
           "this machine's token service?";
}

std::string_view remedy_for(identity_service const& service, int status, std::string_view code)
{
    if (base::equal_ignoring_case(code, "invalid_resource"))
        return "the resource is not known in this tenant; was the cluster's cloud detected "
               "rightly?";
    if (code == "ManagedIdentityNotFound")
        return "assign a managed identity to this application of the Service Fabric cluster";
    if (code == "SecretHeaderNotFound")
        return "the secret in IDENTITY_HEADER was not accepted";
    if (status == 429)
        return "too many requests to this machine's token service";
    if (status == 401)
        return remedy_for_unauthorized(service.host);
    if (status == 403)
        return "this machine's token service is closed to this process; in Kubernetes use workload "
               "identity, elsewhere look at network policies and firewalls";
    if (status != 400 || !has_selectors(service.host))
        return {};
    return service.id.what() == id_kind::system
               ? "has this resource an identity of its own? If it has assigned ones only, select "
                 "one of them by its client id"
               : "is the selected identity assigned to this resource?";
}

failure without_reason(identity_service const& service, reply const& from, errc code)
{
    auto message =
        "no token from " + std::string(to_string(service.host)) + ", which gives no reason";
    auto const remedy = remedy_for(service, from.status, {});
    if (!remedy.empty())
        message.append("; ").append(remedy);
    auto why = from.fail(code, std::move(message));
    why.server_text(printable(from.body, 512));
    return why;
}

failure with_reason(identity_service const& service, reply const& from, errc code,
                    refusal const& said)
{
    std::string message = "no token from " + std::string(to_string(service.host));
    if (!said.code.empty())
        message.append(": ").append(printable(said.code, 64));
    auto const remedy = remedy_for(service, from.status, said.code);
    if (!remedy.empty())
        message.append("; ").append(remedy);
    auto why = from.fail(code, std::move(message));
    why.service_code(printable(said.code, 64)).server_text(printable(said.text, 512));
    if (!said.correlation.empty())
        why.activity_id(printable(said.correlation, 64));
    return why;
}

/// Whether the reply says that its token is the selected identity's.
bool names_identity(identity_id const& id, json::value const& document)
{
    auto const is = [&](std::string_view member)
    { return base::equal_ignoring_case(text_member(document, member), id.value()); };
    switch (id.what())
    {
    case id_kind::client:
        return is("client_id");
    case id_kind::object:
        return is("object_id");
    case id_kind::resource:
        return is("msi_res_id") || is("mi_res_id");
    case id_kind::system:
        break;
    }
    return true;
}

failure other_identity(reply const& from)
{
    return from.fail(errc::authentication_failed,
                     "the agent of Azure Arc did not confirm that the token is the selected "
                     "identity's; update the agent (azcmagent), or use identity_id::system()");
}

bool is_object(std::string_view body)
{
    auto const document = parse_json(body);
    return document && document->is_object();
}

} // namespace

bool is_transient_for(identity_host host, int status) noexcept
{
    bool const is_failing = status >= 500 && status <= 599;
    switch (host)
    {
    case identity_host::imds:
        return is_failing || status == 404 || status == 410 || status == 429;
    case identity_host::service_fabric:
        return is_transient_status(status);
    case identity_host::app_service:
    case identity_host::machine_learning:
    case identity_host::cloud_shell:
    case identity_host::azure_arc:
        break;
    }
    return is_transient_status(status) || status == 404;
}

result<token_reply> parse_identity_reply(identity_service const& service, reply const& from,
                                         base::utc_time_point now)
{
    if (!from.ok())
        return identity_refused(service, from);
    auto const token = parse_token(from, now);
    if (!token && token.error().code() != errc::malformed_reply)
        return token.error();
    if (!token)
    {
        // What follows the semicolon is advice about login endpoints.
        auto const message = token.error().message();
        return from.fail(errc::malformed_reply, message.substr(0, message.find(';')));
    }
    auto const document = parse_json(from.body);
    if (service.host == identity_host::azure_arc && !names_identity(service.id, *document))
        return other_identity(from);
    return *token;
}

failure identity_refused(identity_service const& service, reply const& from)
{
    bool const transient = is_transient_for(service.host, from.status);
    auto const passing = from.status == 429 ? errc::throttled : errc::service_unavailable;
    auto const code = transient ? passing : errc::authentication_failed;
    auto const document = parse_json(from.body);
    auto why = document && document->is_object()
                   ? with_reason(service, from, code, read_refusal(*document))
                   : without_reason(service, from, code);
    return why.retryable(transient);
}

bool shows_imds(reply const& from)
{
    // Docker Desktop answers for every address that it cannot reach.
    if (from.status == 403)
        return base::to_lower(from.body).find("unreachable") == std::string::npos;
    return !is_foreign(from);
}

bool is_foreign(reply const& from)
{
    return from.ok() && !is_object(from.body);
}

} // namespace kusto::wire
