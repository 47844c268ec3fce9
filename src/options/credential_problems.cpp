#include <options/credential_problems.hpp>

#include <algorithm>
#include <base/ascii.hpp>
#include <base/guid.hpp>
#include <chrono>
#include <crypto/load_certificate.hpp>
#include <string_view>

namespace kusto::options
{

namespace
{

bool is_tenant(std::string_view text)
{
    return !text.empty() && text.size() <= 253 &&
           std::all_of(text.begin(), text.end(),
                       [](char c)
                       { return base::is_letter(c) || base::is_digit(c) || c == '.' || c == '-'; });
}

bool is_tenant_alias(std::string_view text)
{
    return base::equal_ignoring_case(text, "common") ||
           base::equal_ignoring_case(text, "organizations") ||
           base::equal_ignoring_case(text, "consumers");
}

/// Without what only gets into it when it is copied from somewhere. It travels percent-encoded, so
/// everything else is allowed.
bool is_whole_text(std::string_view text)
{
    auto const is_control = [](char c)
    { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    return base::trim(text).size() == text.size() &&
           std::none_of(text.begin(), text.end(), is_control);
}

constexpr std::string_view guid_example = "0f1e2d3c-0000-1111-2222-333344445555";

using problem_sentences = std::vector<std::string>;

void check_client_id(problem_sentences& found, std::string_view id)
{
    if (!base::guid::parse(id))
        found.push_back("the client id must be a GUID such as " + std::string(guid_example));
}

/// \param with  what the sentence calls the credential
void check_tenant(problem_sentences& found, std::string const& tenant, std::string_view with)
{
    if (is_tenant_alias(tenant))
        found.push_back("the tenant must be named: `" + tenant + "` does not work with " +
                        std::string(with));
    else if (!is_tenant(tenant))
        found.emplace_back("the tenant id must be a GUID or a domain name such as "
                           "contoso.onmicrosoft.com");
}

problem_sentences problems_of(detail::no_credential const&)
{
    return {};
}

problem_sentences problems_of(detail::client_secret_data const& data)
{
    problem_sentences found;
    check_client_id(found, data.client_id);
    if (data.client_secret.empty())
        found.emplace_back("the client secret must not be empty");
    else if (!is_whole_text(data.client_secret.reveal()))
        found.emplace_back("the client secret begins or ends with a blank, or holds line breaks or "
                           "other control characters; was it copied completely, and nothing else?");
    check_tenant(found, data.tenant_id, "a client secret");
    return found;
}

problem_sentences problems_of(detail::client_certificate_data const& data)
{
    problem_sentences found;
    check_client_id(found, data.client_id);
    check_tenant(found, data.tenant_id, "a client certificate");
    auto const now = std::chrono::system_clock::now();
    auto const loaded =
        data.path.empty()
            ? crypto::load_certificate(data.content.reveal(), data.password.reveal(), now)
            : crypto::load_certificate_file(data.path, data.password.reveal(), now);
    if (!loaded)
        found.push_back(loaded.error().message());
    else if (auto const valid = loaded->valid_at(now); !valid)
        found.push_back((data.path.empty() ? "" : "the certificate file " + data.path + ": ") +
                        valid.error().message());
    return found;
}

problem_sentences problems_of(detail::workload_identity_data const& data)
{
    problem_sentences found;
    if (!data.client_id.empty())
        check_client_id(found, data.client_id);
    if (!data.tenant_id.empty())
        check_tenant(found, data.tenant_id, "workload identity");
    return found;
}

problem_sentences problems_of(detail::managed_identity_data const& data)
{
    using kind = identity_id::kind;
    auto const& id = data.id;
    bool const wants_guid = id.what() == kind::client || id.what() == kind::object;
    if (wants_guid && !base::guid::parse(id.value()))
        return {"the id of a managed identity must be a GUID such as " + std::string(guid_example) +
                "; use identity_id::resource for a resource id"};
    bool const is_resource =
        base::to_lower(id.value()).starts_with("/subscriptions/") && base::is_visible(id.value());
    if (id.what() == kind::resource && !is_resource)
        return {"the resource id of a managed identity must look like "
                "/subscriptions/.../userAssignedIdentities/name"};
    return {};
}

problem_sentences problems_of(detail::azure_cli_data const& data)
{
    auto const is_subscription_letter = [](char c) {
        return base::is_letter(c) || base::is_digit(c) || c == '.' || c == '_' || c == ' ' ||
               c == '-';
    };
    auto const& subscription = data.subscription;
    problem_sentences found;
    if (!data.tenant_id.empty() && !is_tenant(data.tenant_id))
        found.emplace_back("the tenant id must be a GUID or a domain name such as "
                           "contoso.onmicrosoft.com");
    // It becomes an argument of `az`; one that begins with a dash would be an option.
    if (subscription.starts_with('-') ||
        !std::all_of(subscription.begin(), subscription.end(), is_subscription_letter))
        found.emplace_back("the subscription may hold letters, digits, blanks and . _ - only");
    return found;
}

problem_sentences problems_of(detail::device_code_data const& data)
{
    problem_sentences found;
    if (!data.show)
        found.emplace_back("the function that shows the device code must not be empty");
    if (!data.tenant_id.empty() && !is_tenant(data.tenant_id))
        found.emplace_back("the tenant id must be a GUID or a domain name such as "
                           "contoso.onmicrosoft.com");
    // It names resources in another way, and no source tells how it would for devices.
    if (base::equal_ignoring_case(data.tenant_id, "adfs"))
        found.emplace_back("a device code does not work with AD FS (tenant `adfs`); use a client "
                           "secret or a client certificate");
    if (!data.client_id.empty())
        check_client_id(found, data.client_id);
    return found;
}

problem_sentences problems_of(detail::static_token_data const& data)
{
    if (data.token.empty())
        return {"the token must not be empty"};
    if (!base::is_visible(data.token.reveal()))
        return {"the token holds blanks, line breaks or characters outside of ASCII; was it copied "
                "completely?"};
    return {};
}

problem_sentences problems_of(detail::callback_data const& data)
{
    if (!data.get_token)
        return {"the token callback must not be empty"};
    return {};
}

problem_sentences problems_of(detail::environment_data const&)
{
    return {};
}

bool may_be_link(credential const& link)
{
    auto const& what = link.data().what;
    return !std::holds_alternative<detail::no_credential>(what) &&
           !std::holds_alternative<detail::chain_data>(what) &&
           !std::holds_alternative<detail::default_chain_data>(what);
}

problem_sentences problems_of(detail::chain_data const& data)
{
    problem_sentences found;
    if (data.links.empty())
        found.emplace_back("a chain must have at least one link");
    for (auto const& link : data.links)
    {
        if (!may_be_link(link))
            found.push_back("a chain cannot hold this: " + link.describe());
        for (auto const& sentence : link.problems())
            found.push_back(link.describe() + ": " + sentence);
    }
    return found;
}

problem_sentences problems_of(detail::default_chain_data const&)
{
    return {};
}

} // namespace

std::vector<std::string> problems_of(detail::credential_data const& data)
{
    return std::visit([](auto const& kind) { return problems_of(kind); }, data.what);
}

} // namespace kusto::options
