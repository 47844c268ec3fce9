#include <kusto/credential.hpp>

#include <algorithm>
#include <base/ascii.hpp>
#include <base/guid.hpp>
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

std::vector<std::string> secret_problems(detail::credential_data const& data)
{
    std::vector<std::string> found;
    if (!base::guid::parse(data.client_id))
        found.emplace_back("the client id must be a GUID such as "
                           "0f1e2d3c-0000-1111-2222-333344445555");
    if (data.client_secret.empty())
        found.emplace_back("the client secret must not be empty");
    else if (!is_printable_ascii(data.client_secret))
        found.emplace_back("the client secret holds blanks, line breaks or characters outside of "
                           "ASCII; was it copied completely?");
    if (is_tenant_alias(data.tenant_id))
        found.emplace_back("the tenant must be named: `" + data.tenant_id +
                           "` does not work with a client secret");
    else if (!is_tenant(data.tenant_id))
        found.emplace_back("the tenant id must be a GUID or a domain name such as "
                           "contoso.onmicrosoft.com");
    return found;
}

} // namespace

access_token::access_token(std::string value, std::chrono::system_clock::time_point expires_on,
                           std::chrono::system_clock::time_point refresh_on)
    : value(std::move(value)),
      expires_on(expires_on),
      refresh_on(refresh_on)
{
}

token_request::token_request(std::string scope, std::string authority_host)
    : scope(std::move(scope)),
      authority_host(std::move(authority_host))
{
}

credential::credential(std::shared_ptr<detail::credential_data const> data) : data_(std::move(data))
{
}

credential credential::none()
{
    return credential(std::make_shared<detail::credential_data>());
}

credential credential::client_secret(std::string client_id, std::string client_secret,
                                     std::string tenant_id)
{
    auto data = std::make_shared<detail::credential_data>();
    data->kind = detail::credential_kind::client_secret;
    data->client_id = std::move(client_id);
    data->client_secret = std::move(client_secret);
    data->tenant_id = std::move(tenant_id);
    return credential(std::move(data));
}

credential credential::callback(token_callback get_token)
{
    auto data = std::make_shared<detail::credential_data>();
    data->kind = detail::credential_kind::callback;
    data->get_token = std::move(get_token);
    return credential(std::move(data));
}

std::string credential::describe() const
{
    switch (data_->kind)
    {
    case detail::credential_kind::none:
        return "no credential";
    case detail::credential_kind::callback:
        return "token callback";
    case detail::credential_kind::client_secret:
        break;
    }
    // Somebody may have swapped the arguments: what is no GUID might be the secret.
    auto const id = base::guid::parse(data_->client_id);
    return id ? "client secret of application " + id->to_string()
              : std::string("client secret of an application whose id is not a GUID");
}

std::vector<std::string> credential::problems() const
{
    if (data_->kind == detail::credential_kind::client_secret)
        return secret_problems(*data_);
    if (data_->kind == detail::credential_kind::callback && !data_->get_token)
        return {"the token callback must not be empty"};
    return {};
}

} // namespace kusto
