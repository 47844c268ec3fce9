#include "replies.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <kusto/version.hpp>
#include <support/scoped_environment.hpp>
#include <wire/client_identity.hpp>
#include <wire/management.hpp>

using namespace kusto;
using namespace kusto::test;

BOOST_AUTO_TEST_SUITE(client_identity_test)

BOOST_AUTO_TEST_CASE(values_are_ascii_without_line_breaks)
{
    BOOST_TEST(wire::header_text(" a\r\nX-Evil: 1\t\x7f") == "aX-Evil: 1");
    BOOST_TEST(wire::header_text("caf\xc3\xa9\xc3\xa9!") == "caf?!");
    BOOST_TEST(wire::header_text("\r\n").empty());
}

BOOST_AUTO_TEST_CASE(braces_take_the_place_of_special_runs)
{
    BOOST_TEST(wire::braced("1.0") == "{1.0}");
    BOOST_TEST(wire::braced("a |{}\r\n b|") == "{a_b_}");
    BOOST_TEST(wire::braced("") == "{}");
}

BOOST_AUTO_TEST_CASE(identity)
{
    scoped_environment changes;
    changes.set("USER", "m\xc3\xbcller\n");
    wire::client_identity const named("my app");
    BOOST_TEST(named.application() == "my app");
    BOOST_TEST(named.user() == "m?ller");
    BOOST_TEST(
        named.version().starts_with("Kusto.Cpp.Client:{" KUSTO_VERSION_STRING "}|Runtime.Cpp:{"));
    wire::client_identity const process;
    BOOST_TEST(process.application() == "unit_wire");
    changes.unset("USER");
    changes.set("LOGNAME", "");
    BOOST_TEST(wire::client_identity().user() == "[none]");
    changes.set("LOGNAME", "x");
    BOOST_TEST(wire::client_identity().user() == "x");
}

BOOST_AUTO_TEST_CASE(options_for_tracing)
{
    scoped_environment changes;
    changes.set("USER", "somebody");
    struct row
    {
        char const* name;
        char const* version;
        char const* user;
        char const* more;
        std::string application;
        char const* sent_user;
        char const* end;
    };
    std::string const connector = "Kusto.Cpp.Sink:{" KUSTO_VERSION_STRING "}|App.";
    for (auto const& r : {
             row{"", "", "", "", "unit_wire", "somebody", "}"},
             row{"my {app}", "", "", "", "my {app}", "somebody", "}"},
             row{"my {app}", "1.2", "", "", connector + "{my_app_}:{1.2}", "[none]", "}"},
             row{"", "1.2", "", "", connector + "{unit_wire}:{1.2}", "[none]", "}"},
             row{"a\r\nX: 1", "1|2\x7f\n", "", "", connector + "{a_X:_1}:{1_2_}", "[none]", "}"},
             row{"caf\xc3\xa9", "\xe2\x82\xac", "", "", connector + "{caf?}:{?}", "[none]", "}"},
             row{" a ", " 1 ", "", "", connector + "{a}:{1}", "[none]", "}"},
             row{"a", "", "m\xc3\xbcller\r\n", "", "a", "m?ller", "}"},
             row{"a", "1", "me", "", connector + "{a}:{1}", "me", "}"},
             row{"a", "1", "\n", "", connector + "{a}:{1}", "[none]", "}"},
             row{"a", "", "\n", "\n", "a", "somebody", "}"},
             row{"a", "", "", "Host:{3}\r\n", "a", "somebody", "}|Host:{3}"},
         })
    {
        connection_options options("http://localhost:1");
        options.application_name(r.name).application_version(r.version);
        options.user_name(r.user).client_version(r.more);
        wire::client_identity const who(options);
        BOOST_TEST(who.application() == r.application);
        BOOST_TEST(who.user() == r.sent_user);
        BOOST_TEST(who.version().starts_with("Kusto.Cpp.Client:{" KUSTO_VERSION_STRING "}|Run"));
        BOOST_TEST(who.version().ends_with(r.end), who.version());
    }
}

BOOST_AUTO_TEST_CASE(request_ids_are_new_each_time)
{
    auto const a = wire::new_request_id();
    auto const b = wire::new_request_id();
    BOOST_TEST(a.starts_with("KCPC.execute;"));
    BOOST_TEST(a.size() == std::string("KCPC.execute;").size() + 36);
    BOOST_TEST(a != b);
}

BOOST_AUTO_TEST_CASE(headers_of_a_kusto_request)
{
    connection_options options("http://localhost:1");
    options.application_name("app").application_version("2").user_name("me").client_version("x");
    wire::client_identity const who(options);
    // Host, Content-Length and User-Agent are the transport's; connections are kept alive without a
    // header in HTTP/1.1; replies are not asked for compressed.
    wire::header_list const expected = {
        {"Authorization", "Bearer tok"},
        {"Accept", "application/json"},
        {"Content-Type", "application/json; charset=utf-8"},
        {"x-ms-version", "2024-12-12"},
        {"x-ms-client-request-id", "id"},
        {"x-ms-app", "Kusto.Cpp.Sink:{" KUSTO_VERSION_STRING "}|App.{app}:{2}"},
        {"x-ms-user", "me"},
        {"x-ms-client-version", who.version()}};
    BOOST_TEST((wire::kusto_headers(who, "id", "tok") == expected));
    auto const without = wire::kusto_headers(who, "id", "");
    BOOST_TEST(wire::find_header(without, "Authorization").empty());
    BOOST_TEST(without.size() == expected.size() - 1);
}

BOOST_AUTO_TEST_CASE(body_of_a_command)
{
    BOOST_TEST(wire::command_body("d\"b", ".show tables\n", "KCPC.execute;1") ==
               R"({"db":"d\"b","csl":".show tables\n","properties":)"
               R"("{\"Options\":{},\"Parameters\":{},\"ClientRequestId\":\"KCPC.execute;1\"}"})");
    auto const timed =
        wire::command_body("d", "T", "i", std::chrono::milliseconds(4 * 60 * 1000 + 1500));
    BOOST_TEST(has(timed, R"(\"servertimeout\":\"00:04:01.500\")"));
    auto const long_one = wire::command_body("d", "T", "i", std::chrono::hours(5));
    BOOST_TEST(has(long_one, R"(\"servertimeout\":\"01:00:00.000\")"));
}

BOOST_AUTO_TEST_SUITE_END()
