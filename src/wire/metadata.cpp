#include <wire/metadata.hpp>

#include <algorithm>
#include <base/ascii.hpp>
#include <wire/json.hpp>

namespace kusto::wire
{

namespace
{

void take(std::string& field, json::value const& from, std::string_view name)
{
    auto const text = text_member(from, name);
    if (!text.empty())
        field = std::string(text);
}

/// It becomes a part of command lines, also of such as a person is told to run.
bool is_resource(std::string_view text)
{
    constexpr std::string_view marks = "_.:/-";
    return std::all_of(text.begin(), text.end(),
                       [&](char c) {
                           return base::is_letter(c) || base::is_digit(c) ||
                                  marks.find(c) != std::string_view::npos;
                       });
}

failure refused(reply const& from)
{
    bool const transient = is_transient_status(from.status);
    auto const code = from.status == 429 ? errc::throttled
                      : transient        ? errc::service_unavailable
                                         : errc::request_rejected;
    auto why = from.fail(code, "the cluster did not tell its cloud (/v1/rest/auth/metadata)");
    why.retryable(transient).server_text(printable(from.body, 512));
    return why;
}

} // namespace

std::string cloud_metadata::scope() const
{
    constexpr std::string_view plain = ".kusto.";
    auto text = resource_id;
    auto const at = text.find(plain);
    if (mfa_required && at != std::string::npos)
        text.replace(at, plain.size(), ".kustomfa.");
    if (!text.ends_with('/'))
        text += '/';
    return text + ".default";
}

result<cloud_metadata> parse_metadata(reply const& from)
{
    if (from.status == 404)
        return cloud_metadata();
    if (!from.ok())
        return refused(from);
    auto const document = parse_json(from.body);
    bool const usable = document && document->is_object() && !document->get_object().empty();
    if (!usable)
        return from.fail(errc::malformed_reply,
                         "the cluster's metadata is empty or not JSON; is this a Kusto cluster?");
    cloud_metadata cloud;
    auto const* const azure = member(*document, "AzureAD");
    if (azure == nullptr)
        return cloud;
    take(cloud.login_endpoint, *azure, "LoginEndpoint");
    cloud.names_login = !text_member(*azure, "LoginEndpoint").empty();
    take(cloud.resource_id, *azure, "KustoServiceResourceId");
    take(cloud.client_app_id, *azure, "KustoClientAppId");
    take(cloud.client_redirect_uri, *azure, "KustoClientRedirectUri");
    take(cloud.first_party_authority, *azure, "FirstPartyAuthorityUrl");
    if (!is_resource(cloud.resource_id))
        return from.fail(errc::malformed_reply,
                         "the cluster's metadata name a resource (KustoServiceResourceId) with "
                         "other characters than letters, digits and _ . : / -");
    cloud.mfa_required = flag_member(*azure, "LoginMfaRequired");
    return cloud;
}

} // namespace kusto::wire
