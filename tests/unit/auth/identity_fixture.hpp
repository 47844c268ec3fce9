#pragma once

#include "fixture.hpp"

#include <auth/managed_identity_source.hpp>
#include <kusto/log.hpp>
#include <support/scoped_environment.hpp>
#include <vector>

namespace kusto::test
{

constexpr char const* imds_host = "169.254.169.254";
constexpr char const* imds_path = "/metadata/identity/oauth2/token";
/// The end of the clock's first hour.
constexpr char const* in_an_hour = "1767229200";

/// As IMDS, Cloud Shell and Azure Arc write it.
[[nodiscard]] inline std::string text_token(std::string const& value, std::string const& more = {})
{
    return R"({"access_token":")" + value + R"(","expires_in":"3600","expires_on":")" + in_an_hour +
           R"(","token_type":"Bearer","refresh_token":"")" + more + '}';
}

/// A source of a managed identity over a scripted transport, without variables of this machine.
class identity_fixture
{
public:
    identity_fixture()
    {
        for (char const* name :
             {"IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT", "IMDS_ENDPOINT",
              "MSI_ENDPOINT", "MSI_SECRET", "DEFAULT_IDENTITY_CLIENT_ID",
              "AZURE_POD_IDENTITY_AUTHORITY_HOST"})
            environment.unset(name);
    }

    /// \param probing  as in a chain
    void make(identity_id id = identity_id::system(), bool probing = false)
    {
        connection_options options(cluster);
        options.log(log_level::trace,
                    [this](log_event const& event) { log += to_text(event) + '\n'; });
        options.retry(retry);
        auth::source_context with(transport, options, time);
        with.probing = probing;
        kusto::detail::managed_identity_data data;
        data.id = std::move(id);
        auto const name = credential::managed_identity(data.id).describe();
        source = auth::make_managed_identity_source(data, name, with, arc);
    }

    step& expect(char const* host, char const* path = imds_path)
    {
        return transport->expect(async::http_method::get, host).path(path);
    }

    result<auth::issued_token> get(std::chrono::seconds patience = std::chrono::seconds(100))
    {
        auth::token_wish const wish("https://kusto.kusto.windows.net/.default",
                                    "https://login.microsoftonline.com", "app");
        return run(context, time, source->acquire(wish, deadline(time.now() + patience)));
    }
    /// The token's text, or the failure's description in angle brackets.
    std::string text()
    {
        auto const got = get();
        return got ? std::string(got->value.reveal()) : '<' + got.error().describe() + '>';
    }
    failure refusal()
    {
        auto const got = get();
        BOOST_REQUIRE(!got);
        return got.error();
    }
    /// Nothing secret in what was said, and every request went out directly.
    void check_discretion(failure const& why) const
    {
        for (auto const& said : {why.describe(), why.message(), why.server_text(), log})
        {
            BOOST_TEST(!has(said, "CANARY"));
        }
        check_requests();
    }
    void check_requests() const
    {
        BOOST_TEST(transport->problems() == "");
        for (auto const& call : transport->calls())
        {
            BOOST_TEST(call.direct);
            BOOST_TEST(!call.has_header("X-Forwarded-For"));
        }
    }

    scoped_environment environment;
    manual_clock time;
    boost::asio::io_context context;
    std::shared_ptr<scripted_transport> transport = std::make_shared<scripted_transport>(time);
    auth::arc_places arc = auth::arc_places("/nonexistent/himds", "/nonexistent");
    retry_options retry;
    std::string log;
    auth::source_ptr source;
};

} // namespace kusto::test
