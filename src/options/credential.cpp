#include <kusto/credential.hpp>

#include <algorithm>
#include <base/ascii.hpp>
#include <base/guid.hpp>
#include <chrono>
#include <crypto/load_certificate.hpp>
#include <options/credential_data.hpp>

namespace kusto
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

bool is_printable_ascii(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
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
    else if (!is_printable_ascii(data.client_secret.reveal()))
        found.emplace_back("the client secret holds blanks, line breaks or characters outside of "
                           "ASCII; was it copied completely?");
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
    bool const is_resource = base::to_lower(id.value()).starts_with("/subscriptions/") &&
                             is_printable_ascii(id.value());
    if (id.what() == kind::resource && !is_resource)
        return {"the resource id of a managed identity must look like "
                "/subscriptions/.../userAssignedIdentities/name"};
    return {};
}

problem_sentences problems_of(detail::azure_cli_data const& data)
{
    auto const is_subscription_letter = [](char c)
    {
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
    if (!data.client_id.empty())
        check_client_id(found, data.client_id);
    return found;
}

problem_sentences problems_of(detail::static_token_data const& data)
{
    if (data.token.empty())
        return {"the token must not be empty"};
    if (!is_printable_ascii(data.token.reveal()))
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

/// Somebody may have swapped the arguments: what is no GUID might be the secret.
std::string application(std::string_view client_id)
{
    auto const id = base::guid::parse(client_id);
    return id ? "application " + id->to_string()
              : std::string("an application whose id is not a GUID");
}

std::string text_of(detail::no_credential const&)
{
    return "no credential";
}

std::string text_of(detail::client_secret_data const& data)
{
    return "client secret of " + application(data.client_id);
}

std::string text_of(detail::client_certificate_data const& data)
{
    return "client certificate of " + application(data.client_id);
}

std::string text_of(detail::workload_identity_data const& data)
{
    return data.client_id.empty() ? std::string("workload identity")
                                  : "workload identity of " + application(data.client_id);
}

std::string text_of(detail::managed_identity_data const& data)
{
    using kind = identity_id::kind;
    auto const& id = data.id;
    auto const guid = base::guid::parse(id.value());
    auto const shown = guid ? guid->to_string() : std::string("that is not a GUID");
    switch (id.what())
    {
    case kind::client:
        return "managed identity with client id " + shown;
    case kind::object:
        return "managed identity with object id " + shown;
    case kind::resource:
        return "managed identity with a resource id";
    case kind::system:
        break;
    }
    return "managed identity of the system";
}

std::string text_of(detail::azure_cli_data const&)
{
    return "Azure CLI";
}

std::string text_of(detail::device_code_data const&)
{
    return "device code";
}

std::string text_of(detail::static_token_data const&)
{
    return "static token";
}

std::string text_of(detail::callback_data const&)
{
    return "token callback";
}

std::string text_of(detail::environment_data const&)
{
    return "credential of the environment variables";
}

std::string text_of(detail::chain_data const& data)
{
    std::string text = "chain of";
    char const* between = " ";
    for (auto const& link : data.links)
    {
        text.append(between).append(link.describe());
        between = ", ";
    }
    return text;
}

std::string text_of(detail::default_chain_data const&)
{
    return "default chain of credentials";
}

} // namespace

access_token::access_token(std::string value, std::chrono::system_clock::time_point expires_on,
                           std::chrono::system_clock::time_point refresh_on)
    : value(std::move(value)),
      expires_on(expires_on),
      refresh_on(refresh_on)
{
}

token_request::token_request(std::string scope, std::string authority_host, std::string claims)
    : scope(std::move(scope)),
      authority_host(std::move(authority_host)),
      claims(std::move(claims))
{
}

credential::credential(std::shared_ptr<detail::credential_data const> data) : data_(std::move(data))
{
}

namespace
{

template <class Kind>
std::shared_ptr<detail::credential_data const> data_for(Kind kind)
{
    return std::make_shared<detail::credential_data const>(
        detail::credential_data::kinds(std::move(kind)));
}

} // namespace

credential credential::none()
{
    return credential(data_for(detail::no_credential()));
}

credential credential::client_secret(std::string client_id, std::string client_secret,
                                     std::string tenant_id)
{
    detail::client_secret_data data;
    data.client_id = std::move(client_id);
    data.client_secret = base::secret(std::move(client_secret));
    data.tenant_id = std::move(tenant_id);
    return credential(data_for(std::move(data)));
}

credential credential::client_certificate(std::string client_id, certificate_source certificate,
                                          std::string tenant_id)
{
    detail::client_certificate_data data;
    data.client_id = std::move(client_id);
    data.tenant_id = std::move(tenant_id);
    data.path = certificate.path();
    data.content = base::secret(std::string(certificate.content()));
    data.password = base::secret(std::string(certificate.password()));
    data.send_chain = certificate.send_chain();
    return credential(data_for(std::move(data)));
}

credential credential::workload_identity(std::string client_id, std::string tenant_id,
                                         std::string token_file)
{
    detail::workload_identity_data data;
    data.client_id = std::move(client_id);
    data.tenant_id = std::move(tenant_id);
    data.token_file = std::move(token_file);
    return credential(data_for(std::move(data)));
}

credential credential::managed_identity(identity_id id)
{
    detail::managed_identity_data data;
    data.id = std::move(id);
    return credential(data_for(std::move(data)));
}

credential credential::azure_cli(std::string tenant_id, std::string subscription)
{
    detail::azure_cli_data data;
    data.tenant_id = std::move(tenant_id);
    data.subscription = std::move(subscription);
    return credential(data_for(std::move(data)));
}

credential credential::device_code(device_prompt_function show, std::string tenant_id,
                                   std::string client_id)
{
    detail::device_code_data data;
    data.show = std::move(show);
    data.tenant_id = std::move(tenant_id);
    data.client_id = std::move(client_id);
    return credential(data_for(std::move(data)));
}

credential credential::static_token(std::string token)
{
    detail::static_token_data data;
    data.token = base::secret(std::move(token));
    return credential(data_for(std::move(data)));
}

credential credential::callback(token_callback get_token)
{
    detail::callback_data data;
    data.get_token = std::move(get_token);
    return credential(data_for(std::move(data)));
}

credential credential::environment()
{
    return credential(data_for(detail::environment_data()));
}

credential credential::chain(std::vector<credential> links, bool remember)
{
    detail::chain_data data;
    data.links = std::move(links);
    data.remember = remember;
    return credential(data_for(std::move(data)));
}

credential credential::default_chain()
{
    return credential(data_for(detail::default_chain_data()));
}

std::string credential::describe() const
{
    return std::visit([](auto const& kind) { return text_of(kind); }, data_->what);
}

std::vector<std::string> credential::problems() const
{
    return std::visit([](auto const& kind) { return problems_of(kind); }, data_->what);
}

} // namespace kusto
