// What the service layer logs.
#include <service/client_state.hpp>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <kusto/log.hpp>
#include <sstream>
#include <support/run.hpp>
#include <support/scripted_transport.hpp>
#include <variant>
#include <vector>

namespace
{

using namespace std::chrono_literals;
using namespace kusto::test;
using kusto::connection_options;
using kusto::log_level;
using kusto::async::http_method;
using kusto::detail::client_state;

std::string text_of(kusto::log_event const& event)
{
    std::ostringstream line;
    line << int(event.level) << " " << event.message;
    for (auto const& field : event.fields)
    {
        line << ' ' << field.name << '=';
        std::visit([&](auto const& value) { line << value; }, field.value);
    }
    return line.str();
}

struct fixture
{
    boost::asio::io_context context;
    manual_clock time;
    std::shared_ptr<scripted_transport> http = std::make_shared<scripted_transport>(time);
    std::vector<std::string> lines;

    std::shared_ptr<client_state> make(log_level least)
    {
        connection_options options("http://127.0.0.1:8080");
        options.ingestion_url("http://127.0.0.1:8081");
        options.log(least,
                    [this](kusto::log_event const& event) { lines.push_back(text_of(event)); });
        return client_state::make(context.get_executor(), options, http, time).value();
    }

    [[nodiscard]] bool logged(std::string_view part) const
    {
        return std::any_of(lines.begin(), lines.end(),
                           [part](std::string const& line)
                           { return line.find(part) != std::string::npos; });
    }

    kusto::deadline soon() { return kusto::deadline(time.now() + 1min); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(trace_tests, fixture)

BOOST_AUTO_TEST_CASE(each_request_is_one_line_without_its_query)
{
    auto const client = make(log_level::trace);
    http->expect(http_method::put, "127.0.0.1").reply(503);
    kusto::async::http_request request(
        http_method::put, kusto::base::url::parse("http://127.0.0.1:9/c/b?sig=CANARY").value());
    request.header("Authorization", "Bearer CANARY");
    request.body = "CANARY";
    BOOST_TEST(run(context, time, client->context()->transport->send(request, soon())).has_value());
    BOOST_REQUIRE(lines.size() == 1u);
    BOOST_TEST(lines[0].find("request method=PUT host=127.0.0.1:9 path=/c/b status=503 "
                             "duration_ms=0") != std::string::npos);
    BOOST_TEST(lines[0].find("CANARY") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(retries_and_failed_refreshes_are_warnings)
{
    auto const client = make(log_level::warning);
    http->expect(http_method::post, "127.0.0.1").times(3).reply(503);
    BOOST_TEST(run(context, time, client->resources()->get(soon())).has_error());
    BOOST_TEST(std::count_if(lines.begin(), lines.end(),
                             [](std::string const& line)
                             { return line.find("trying again") != line.npos; }) == 2);
    BOOST_TEST(logged("ingestion resources could not be renewed"));
    BOOST_TEST(!logged("request method"));
}

BOOST_AUTO_TEST_CASE(nobody_listens_nothing_is_wrapped)
{
    auto const client = make(log_level::info);
    BOOST_TEST(client->context()->transport == http);
}

BOOST_AUTO_TEST_SUITE_END()
