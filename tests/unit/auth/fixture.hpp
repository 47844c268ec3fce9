#pragma once

#include <auth/token_provider.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>
#include <support/manual_clock.hpp>
#include <support/run.hpp>
#include <support/scripted_transport.hpp>

namespace kusto::test
{

constexpr char const* client_id = "0f1e2d3c-0000-1111-2222-333344445555";
constexpr char const* canary = "CANARY~secret/+=";
constexpr char const* cluster = "https://c.westeurope.kusto.windows.net";
constexpr char const* cluster_host = "c.westeurope.kusto.windows.net";
constexpr char const* login_host = "login.microsoftonline.com";

[[nodiscard]] inline bool has(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

[[nodiscard]] inline credential application()
{
    return credential::client_secret(client_id, canary, "contoso.com");
}

[[nodiscard]] inline std::string token_json(std::string const& value, int lifetime = 3600)
{
    return R"({"token_type":"Bearer","expires_in":)" + std::to_string(lifetime) +
           R"(,"access_token":")" + value + R"("})";
}

/// A provider over a scripted transport and a manual clock.
class auth_fixture
{
public:
    auth_fixture() = default;

    void make(connection_options const& options)
    {
        provider = auth::make_token_provider(context.get_executor(), transport, options, time);
    }
    void make() { make(connection_options(cluster, application())); }

    step& expect_metadata(char const* host = cluster_host)
    {
        return transport->expect(async::http_method::get, host).path("/v1/rest/auth/metadata");
    }
    step& expect_token(char const* host = login_host)
    {
        return transport->expect(async::http_method::post, host)
            .path("/contoso.com/oauth2/v2.0/token");
    }
    /// Metadata (404: defaults) and one token.
    void expect_sign_in(std::string const& value, int lifetime = 3600)
    {
        expect_metadata().reply(404);
        expect_token().reply(200, token_json(value, lifetime));
    }

    result<auth::bearer_token> get(std::chrono::seconds patience = std::chrono::seconds(60))
    {
        return run(context, time, provider->get(deadline(time.now() + patience)));
    }
    /// The token's text, or the failure's description in angle brackets.
    std::string text()
    {
        auto const got = get();
        return got ? std::string(got->value.reveal()) : '<' + got.error().describe() + '>';
    }
    [[nodiscard]] std::size_t calls() const { return transport->calls().size(); }

    manual_clock time;
    boost::asio::io_context context;
    std::shared_ptr<scripted_transport> transport = std::make_shared<scripted_transport>(time);
    std::shared_ptr<auth::token_provider> provider;
};

} // namespace kusto::test
