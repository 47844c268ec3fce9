#include "replies.hpp"

#include <boost/test/unit_test.hpp>
#include <ctime>
#include <support/scoped_environment.hpp>
#include <wire/azure_cli.hpp>

using namespace kusto;
using namespace kusto::test;
using namespace std::chrono_literals;

namespace
{

base::utc_time_point const now(std::chrono::seconds(1795345186)); // 2026-11-22T10:59:46Z
constexpr char const* scope = "https://kusto.kusto.windows.net/.default";

std::string joined(result<std::vector<std::string>> const& arguments)
{
    if (!arguments)
        return "<" + arguments.error().message() + ">";
    std::string text;
    for (auto const& one : *arguments)
        text += "[" + one + "]";
    return text;
}

/// Seconds of life that are left, or the message.
std::string life(std::string_view output, base::utc_time_point at = now)
{
    auto const token = wire::parse_azure_cli(output, at);
    if (!token)
        return token.error().message();
    return token->access_token + ' ' + std::to_string(token->expires_in.count());
}

class local_time
{
public:
    explicit local_time(char const* zone)
    {
        variables_.set("TZ", zone);
        ::tzset();
    }

private:
    scoped_environment variables_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(azure_cli_test)

BOOST_AUTO_TEST_CASE(arguments)
{
    BOOST_TEST(joined(wire::azure_cli_arguments(scope, "", "")) ==
               "[account][get-access-token][--output][json][--scope]"
               "[https://kusto.kusto.windows.net/.default]");
    BOOST_TEST(joined(wire::azure_cli_arguments("s", "contoso.com", "My sub_1")) ==
               "[account][get-access-token][--output][json][--scope][s]"
               "[--tenant][contoso.com][--subscription][My sub_1]");
}

BOOST_AUTO_TEST_CASE(what_a_shell_could_act_on_is_refused)
{
    for (char const* bad : {"a;b", "a&b", "a|b", "$(a)", "`a`", "a\nb", "\"", "'", "%PATH%", "a>b",
                            "--help", "caf\xc3\xa9"})
    {
        BOOST_TEST(joined(wire::azure_cli_arguments(bad, "", "")) ==
                   "<the scope holds characters that are not passed to a command line>");
        BOOST_TEST(joined(wire::azure_cli_arguments("s", bad, "")) ==
                   "<the tenant id holds characters that are not passed to a command line>");
        BOOST_TEST(joined(wire::azure_cli_arguments("s", "", bad)) ==
                   "<the subscription holds characters that are not passed to a command line>");
    }
    for (char const* bad : {"", "a b"})
        BOOST_TEST(!wire::azure_cli_arguments(bad, "", ""));
    for (char const* bad : {"a b", "a/b", "a:b", "a_b"})
        BOOST_TEST(!wire::azure_cli_arguments("s", bad, ""));
    for (char const* bad : {"a/b", "a:b"})
        BOOST_TEST(!wire::azure_cli_arguments("s", "", bad));
}

BOOST_AUTO_TEST_CASE(output_is_read)
{
    local_time const zone("CET-1CEST,M3.5.0,M10.5.0/3");
    struct row
    {
        char const* output;
        char const* life;
    };
    for (auto const& r : {
             row{R"({"accessToken":"t","expires_on":1795348786})", "t 3600"},
             row{R"({"accessToken":"t","expires_on":"1795348786"})", "t 3600"},
             row{R"({"accessToken":"t","expires_on":1795348786,)"
                 R"("expiresOn":"2026-11-22 23:00:00.000000"})",
                 "t 3600"},
             row{R"({"accessToken":"t","expires_on":253402300799})", "t 31536000"},
             row{R"({"accessToken":"t","expiresOn":"9999-12-31T23:59:59Z"})", "t 31536000"},
             row{"WARNING: old version\n{\"accessToken\":\"t\",\"expires_on\":1795348786}\n",
                 "t 3600"},
             // Local time, an hour ahead of UTC.
             row{R"({"accessToken":"t","expiresOn":"2026-11-22 12:59:46.000000"})", "t 3600"},
             row{R"({"accessToken":"t","expires_on":"?","expiresOn":"2026-11-22 12:59:46"})",
                 "t 3600"},
             row{R"({"accessToken":"t","expiresOn":"2026-11-22T11:59:46Z"})", "t 3600"},
             row{R"({"accessToken":"t","expiresOn":"2026-11-22T11:59:46.123456+00:00"})", "t 3600"},
             row{R"({"accessToken":"t","expiresOn":"2026-11-22T06:59:46-05:00"})", "t 3600"},
         })
        BOOST_TEST(life(r.output) == r.life, r.output);
}

BOOST_AUTO_TEST_CASE(an_hour_that_clocks_show_twice_is_the_first_one)
{
    local_time const zone("CET-1CEST,M3.5.0,M10.5.0/3");
    base::utc_time_point const before(std::chrono::seconds(1792884600)); // 2026-10-24T23:30:00Z
    // 02:30 is 00:30 UTC in summer time, and 01:30 UTC an hour later.
    BOOST_TEST(life(R"({"accessToken":"t","expiresOn":"2026-10-25 02:30:00.000000"})", before) ==
               "t 3600");
    BOOST_TEST(life(R"({"accessToken":"t","expiresOn":"2026-10-25 03:30:00.000000"})", before) ==
               "t 10800");
}

BOOST_AUTO_TEST_CASE(useless_output_is_not_quoted)
{
    struct row
    {
        char const* output;
        char const* message;
    };
    for (auto const& r : {
             row{"", "the Azure CLI printed no JSON"},
             row{"CANARY", "the Azure CLI printed no JSON"},
             row{"{CANARY", "the Azure CLI printed no JSON"},
             row{R"({"accessToken":"CANARY","accessToken":"CANARY"})",
                 "the Azure CLI printed no JSON"},
             row{R"({"accessToken":"CANARY x","expires_on":1795348786})",
                 "the Azure CLI printed no usable accessToken"},
             row{R"({"access_token":"CANARY"})", "the Azure CLI printed no usable accessToken"},
             row{R"({"accessToken":"CANARY","expiresOn":"CANARY"})",
                 "the Azure CLI printed neither expires_on nor expiresOn"},
             row{R"({"accessToken":"CANARY","expires_on":1795345186})",
                 "the Azure CLI's token has expired already; check this machine's clock and run "
                 "`az login`"},
         })
    {
        auto const token = wire::parse_azure_cli(r.output, now);
        BOOST_TEST_CONTEXT(r.output)
        {
            BOOST_REQUIRE(!token);
            BOOST_TEST((token.error().code() == errc::credential_unavailable));
            BOOST_TEST(token.error().message() == r.message);
            BOOST_TEST(!has(token.error().describe(), "CANARY"));
        }
    }
}

BOOST_AUTO_TEST_CASE(what_az_says_is_told_apart)
{
    struct row
    {
        int exit_code;
        std::string said;
        char const* message;
        std::string server_text;
    };
    auto const missing = "the Azure CLI (`az`) is not installed";
    auto const nobody = "nobody is signed in to the Azure CLI; run `az login`";
    for (auto const& r : {
             row{127, "whatever", missing, ""},
             row{1, "sh: 1: az: not found", missing, ""},
             row{1, "bash: az: command not found", missing, ""},
             row{1, "'az' is not recognized as an internal or external command", missing, ""},
             row{1, "ERROR: Please run 'az login' to setup account.\n", nobody,
                 "ERROR: Please run 'az login' to setup account."},
             row{1, "Run AZ ACCOUNT SET first", nobody, "Run AZ ACCOUNT SET first"},
             row{2, "boom\x1b[0m bearer CANARY", "the Azure CLI ended with exit code 2",
                 "boom [0m bearer REDACTED"},
             row{3, std::string(900, 'x'), "the Azure CLI ended with exit code 3",
                 std::string(250, 'x')},
         })
    {
        auto const why = wire::azure_cli_failed(r.exit_code, r.said);
        BOOST_TEST((why.code() == errc::credential_unavailable));
        BOOST_TEST(why.message() == r.message);
        BOOST_TEST(why.server_text() == r.server_text);
    }
}

BOOST_AUTO_TEST_CASE(a_challenge_becomes_a_command_for_the_person)
{
    auto const why = wire::azure_cli_challenged(R"({"a":1})", scope);
    BOOST_TEST((why.code() == errc::credential_unavailable));
    BOOST_TEST(has(why.message(), "run `az login --claims-challenge eyJhIjoxfQ== --scope "
                                  "https://kusto.kusto.windows.net/.default`"));
}

BOOST_AUTO_TEST_SUITE_END()
