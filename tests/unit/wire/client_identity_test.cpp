#include "replies.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <kusto/version.hpp>
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
    ::setenv("USER", "m\xc3\xbcller\n", 1);
    wire::client_identity const named("my app");
    BOOST_TEST(named.application() == "my app");
    BOOST_TEST(named.user() == "m?ller");
    BOOST_TEST(
        named.version().starts_with("Kusto.Cpp.Client:{" KUSTO_VERSION_STRING "}|Runtime.Cpp:{"));
    wire::client_identity const process;
    BOOST_TEST(process.application() == "unit_wire");
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
    wire::client_identity const who("app");
    auto const with = wire::kusto_headers(who, "id", "tok");
    BOOST_TEST(wire::find_header(with, "Authorization") == "Bearer tok");
    BOOST_TEST(wire::find_header(with, "x-ms-version") == "2024-12-12");
    BOOST_TEST(wire::find_header(with, "x-ms-client-request-id") == "id");
    BOOST_TEST(wire::find_header(with, "x-ms-app") == "app");
    BOOST_TEST(wire::find_header(with, "Content-Type") == "application/json; charset=utf-8");
    auto const without = wire::kusto_headers(who, "id", "");
    BOOST_TEST(wire::find_header(without, "Authorization").empty());
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
