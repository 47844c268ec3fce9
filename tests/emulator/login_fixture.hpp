#pragma once

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <emulator/server/login_service.hpp>
#include <emulator/token_signing.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace login_test
{

using namespace kusto::emulator;
using token_signing::key_pair;
using token_signing::scheme;
namespace json = boost::json;

constexpr char const* client = "22222222-2222-2222-2222-222222222222";
constexpr char const* token_url = "https://login.local/tenant-1/oauth2/v2.0/token";
constexpr char const* kusto_resource = "https://kusto.kusto.windows.net";
constexpr char const* device_grant = "urn:ietf:params:oauth:grant-type:device_code";

/// Making keys takes long.
inline key_pair const& first_key()
{
    static key_pair const key;
    return key;
}

inline key_pair const& second_key()
{
    static key_pair const key;
    return key;
}

/// An identity provider whose clock a test moves.
struct login_fixture
{
    using form = std::vector<std::pair<std::string, std::string>>;

    explicit login_fixture(sign_in_options with = sign_in_options())
        : login(settings(std::move(with)), tokens, [this] { return now; })
    {
    }

    static login_settings settings(sign_in_options with)
    {
        login_settings out;
        out.authority_url = "https://login.local";
        out.tenant = "tenant-1";
        out.client_id = client;
        out.client_secret = "secret";
        out.resources = {kusto_resource};
        out.with = std::move(with);
        return out;
    }

    static request made_of(std::string const& path, std::string const& body)
    {
        request http;
        http.method = "POST";
        http.path = path;
        http.headers.add("Content-Type", "application/x-www-form-urlencoded");
        http.headers.add("Content-Length", std::to_string(body.size()));
        http.body = body;
        return http;
    }

    response post(std::string const& path, form const& fields)
    {
        std::string body;
        for (auto const& [name, value] : fields)
            body += (body.empty() ? "" : "&") + name + "=" + percent_encode(value);
        return login.handle(made_of(path, body));
    }

    response token(form fields)
    {
        fields.emplace_back("client_id", client);
        fields.emplace_back("scope", std::string(kusto_resource) + "/.default");
        return post("/tenant-1/oauth2/v2.0/token", fields);
    }

    static form assertion(std::string const& text)
    {
        return {{"grant_type", "client_credentials"},
                {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
                {"client_assertion", text}};
    }

    [[nodiscard]] std::int64_t seconds() const
    {
        return std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    }

    system_time now = parse_iso_time("2026-11-22T11:00:00Z").value();
    token_registry tokens{std::chrono::hours(1), [this] { return now; }};
    login_service login;
};

inline json::object body_of(response const& answer)
{
    return json::parse(answer.body).as_object();
}

/// 0 when there is a token.
inline std::int64_t code_of(response const& answer)
{
    auto const body = body_of(answer);
    return answer.status == 200 ? 0 : body.at("error_codes").at(0).as_int64();
}

inline json::object claims_of(std::string const& token)
{
    auto const begin = token.find('.') + 1;
    auto const part = token.substr(begin, token.find('.', begin) - begin);
    return json::parse(base64url_decode(part).value()).as_object();
}

} // namespace login_test
