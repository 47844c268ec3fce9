#include <boost/test/unit_test.hpp>
#include <emulator/server/exchange.hpp>
#include <emulator/server/fault_plan.hpp>

using namespace kusto::emulator;
using namespace std::chrono_literals;

namespace
{

fault_plan plan_of(std::vector<fault> rules, std::uint64_t seed = 1)
{
    fault_script script;
    script.seed(seed);
    for (auto& rule : rules)
        script.add(std::move(rule));
    return fault_plan(std::move(script));
}

fault_subject at(fault_route route, std::string account = {}, std::string text = {})
{
    return {route, std::move(account), std::move(text)};
}

/// Which of so many requests end by the first rule: `x` or `.`.
std::string taken(fault_plan& plan, int requests)
{
    std::string out;
    for (int i = 0; i < requests; ++i)
        out += plan.decide_request(at(fault_route::query), 0ms).ending == 0U ? 'x' : '.';
    return out;
}

std::string taken(fault rule, int requests)
{
    auto plan = plan_of({std::move(rule)});
    return taken(plan, requests);
}

request make(std::string method, std::string target, std::string body = {})
{
    request out;
    out.method = std::move(method);
    out.set_target(target);
    out.body = std::move(body);
    return out;
}

struct classified
{
    port_role port;
    char const* method;
    char const* target;
    char const* body;
    fault_route route;
    char const* account;
};

std::ostream& operator<<(std::ostream& out, classified const& row)
{
    return out << row.method << ' ' << row.target << ' ' << row.body;
}

constexpr auto engine = port_role::engine;
constexpr auto ingestion = port_role::ingestion;
constexpr auto store = port_role::storage;

classified const requests[] = {
    {engine, "GET", "/v1/rest/auth/metadata", "", fault_route::metadata, ""},
    {ingestion, "GET", "/v1/rest/auth/metadata", "", fault_route::metadata, ""},
    {engine, "POST", "/tenant/oauth2/v2.0/token", "", fault_route::token, ""},
    {ingestion, "POST", "/tenant/oauth2/v2.0/token", "", fault_route::any, ""},
    {engine, "GET", "/tenant/v2.0/.well-known/openid-configuration", "", fault_route::any, ""},
    {ingestion, "POST", "/v1/rest/mgmt", R"({"csl":".get ingestion resources"})",
     fault_route::resources, ""},
    {ingestion, "POST", "/v1/rest/mgmt",
     R"x({"csl":"// x\n.GET  ingestion resources with (a=1)"})x", fault_route::resources, ""},
    {ingestion, "POST", "/v1/rest/mgmt", R"({"csl":".get kusto identity token;"})",
     fault_route::identity, ""},
    {engine, "POST", "/v1/rest/mgmt", R"({"csl":".show version"})", fault_route::version, ""},
    {engine, "POST", "/v1/rest/mgmt", R"({"csl":".show tables"})", fault_route::command, ""},
    {engine, "POST", "/v1/rest/mgmt", "nonsense", fault_route::command, ""},
    {engine, "POST", "/v1/rest/query", "", fault_route::query, ""},
    {engine, "POST", "/v2/rest/query", "", fault_route::query, ""},
    {store, "PUT", "/acc/c/blob.csv?sig=x", "", fault_route::put_blob, "acc"},
    {store, "PUT", "/acc/c/dir/blob.csv?sig=x", "", fault_route::put_blob, "acc"},
    {store, "PUT", "/acc/c/b?comp=block&blockid=AA", "", fault_route::put_block, "acc"},
    {store, "PUT", "/acc/c/b?comp=blocklist", "", fault_route::put_block_list, "acc"},
    {store, "PUT", "/acc/c/b?comp=metadata", "", fault_route::any, "acc"},
    {store, "GET", "/acc/c/b?sig=x", "", fault_route::get_blob, "acc"},
    {store, "HEAD", "/acc/c/b", "", fault_route::get_blob, "acc"},
    {store, "GET", "/acc/c/b?comp=blocklist", "", fault_route::any, "acc"},
    {store, "GET", "/acc/c?restype=container&comp=list", "", fault_route::any, "acc"},
    {store, "POST", "/acc/q/messages?sig=x", "", fault_route::put_message, "acc"},
    {store, "GET", "/acc/q/messages", "", fault_route::any, "acc"},
    {store, "PUT", "/acc/q/messages/id?popreceipt=x", "", fault_route::any, "acc"},
    {store, "POST", "/acc/status?sig=x", "", fault_route::insert_status, "acc"},
    {store, "PUT", "/acc/status(PartitionKey='a',RowKey='b')", "", fault_route::insert_status,
     "acc"},
    {store, "PATCH", "/acc/status(PartitionKey='a',RowKey='b')", "", fault_route::insert_status,
     "acc"},
    {store, "GET", "/acc/status(PartitionKey='a',RowKey='b')?sig=x", "", fault_route::read_status,
     "acc"},
    {store, "GET", "/acc/status()?sig=x", "", fault_route::read_status, "acc"},
    {store, "DELETE", "/acc/c/b", "", fault_route::any, "acc"},
    {port_role::managed_identity, "GET", "/metadata/identity/oauth2/token?resource=x", "",
     fault_route::managed_identity, ""},
    {port_role::managed_identity, "POST", "/oauth2/token", "resource=x",
     fault_route::managed_identity, ""},
    {engine, "POST", "/adfs/oauth2/token", "", fault_route::token, ""},
};

} // namespace

BOOST_AUTO_TEST_SUITE(fault_plans)

BOOST_AUTO_TEST_CASE(requests_have_routes)
{
    for (auto const& row : requests)
    {
        auto const subject = classify(row.port, make(row.method, row.target, row.body));
        BOOST_TEST((subject.route == row.route), row);
        BOOST_TEST(subject.account == row.account, row);
        BOOST_TEST((subject.route == fault_route::any || serves(row.port, subject.route)), row);
    }
    BOOST_TEST(route_is_in_body(engine, make("POST", "/v1/rest/mgmt")));
    BOOST_TEST(!route_is_in_body(engine, make("POST", "/v2/rest/query")));
    BOOST_TEST(!route_is_in_body(store, make("POST", "/v1/rest/mgmt")));
}

BOOST_AUTO_TEST_CASE(matches_are_taken_by_number)
{
    BOOST_TEST(taken(fault::garbage(), 5) == "xxxxx");
    BOOST_TEST(taken(fault::garbage().times(2), 5) == "xx...");
    BOOST_TEST(taken(fault::garbage().from(3), 5) == "..xxx");
    BOOST_TEST(taken(fault::garbage().from(2).times(3), 6) == ".xxx..");
    BOOST_TEST(taken(fault::garbage().every(3), 8) == "x..x..x.");
    BOOST_TEST(taken(fault::garbage().from(2).every(2).times(5), 10) == ".x.x.x....");
    BOOST_TEST(taken(fault::garbage().probability(0), 5) == ".....");
}

BOOST_AUTO_TEST_CASE(route_and_account_decide_what_is_a_match)
{
    auto plan = plan_of({fault::garbage().on(fault_route::put_blob).account("a").from(2)});
    auto const ends = [&](fault_subject const& subject)
    { return plan.decide_request(subject, 0ms).ending.has_value(); };
    BOOST_TEST(!ends(at(fault_route::put_blob, "a")));
    BOOST_TEST(!ends(at(fault_route::put_blob, "b")));
    BOOST_TEST(!ends(at(fault_route::put_block, "a")));
    BOOST_TEST(!ends(at(fault_route::any, "a")));
    BOOST_TEST(ends(at(fault_route::put_blob, "a")));
    BOOST_TEST(plan.counts()[0].matched == 2U);
    BOOST_TEST(plan.counts()[0].applied == 1U);
}

BOOST_AUTO_TEST_CASE(outside_its_time_a_rule_counts_nothing)
{
    auto plan = plan_of({fault::garbage().between(10ms, 20ms).from(2)});
    std::string out;
    for (auto const time : {0ms, 9ms, 10ms, 15ms, 19ms, 20ms, 99ms})
        out += plan.decide_request(at(fault_route::query), time).ending ? 'x' : '.';
    BOOST_TEST(out == "...xx..");
    BOOST_TEST(plan.counts()[0].matched == 3U);
}

BOOST_AUTO_TEST_CASE(probability_is_the_seeds_and_nobody_elses)
{
    auto const rule = [] { return fault::garbage().probability(0.5); };
    auto one = plan_of({rule()}, 7);
    auto again = plan_of({rule()}, 7);
    auto other = plan_of({rule()}, 8);
    auto const first = taken(one, 200);
    BOOST_TEST_MESSAGE("seed 7: " << first);
    BOOST_TEST(taken(again, 200) == first);
    BOOST_TEST(taken(other, 200) != first);
    auto const hits = std::count(first.begin(), first.end(), 'x');
    BOOST_TEST(hits > 70);
    BOOST_TEST(hits < 130);
    // Another rule, and requests that only that rule matches, leave the sequence alone.
    auto disturbed =
        plan_of({rule().on(fault_route::query), fault::close_idle().probability(0.5)}, 7);
    std::string seen;
    for (int i = 0; i < 200; ++i)
    {
        static_cast<void>(disturbed.decide_request(at(fault_route::put_blob), 0ms));
        seen += disturbed.decide_request(at(fault_route::query), 0ms).ending == 0U ? 'x' : '.';
    }
    BOOST_TEST(seen == first);
    auto rare = plan_of({fault::garbage().probability(0.01)}, 7);
    auto const few = taken(rare, 10'000);
    BOOST_TEST(std::count(few.begin(), few.end(), 'x') > 60);
    BOOST_TEST(std::count(few.begin(), few.end(), 'x') < 140);
}

BOOST_AUTO_TEST_CASE(the_first_ending_wins_and_the_rest_adds_up)
{
    auto plan = plan_of({fault::delay(5ms), fault::drop_answer().from(2), fault::status(503),
                         fault::latency(7ms), fault::bandwidth(10), fault::bandwidth(20),
                         fault::drip(3), fault::expire_sas(), fault::revoke_tokens().from(2)});
    auto const first = plan.decide_request(at(fault_route::query), 0ms);
    BOOST_TEST(first.hold.count() == 12);
    BOOST_TEST((first.rates == std::vector<std::size_t>{4, 5}));
    BOOST_TEST((first.ending == 2U));
    BOOST_TEST((first.drip == 6U));
    BOOST_TEST(first.expire_sas);
    BOOST_TEST(!first.revoke_tokens);
    BOOST_TEST(!first.expire_identity);
    auto const second = plan.decide_request(at(fault_route::query), 0ms);
    BOOST_TEST((second.ending == 1U));
    BOOST_TEST(second.revoke_tokens);
    BOOST_TEST(plan.counts()[2].matched == 2U);
    BOOST_TEST(plan.counts()[2].applied == 1U);
}

BOOST_AUTO_TEST_CASE(connections_and_messages_are_no_requests)
{
    auto plan = plan_of({fault::accept_never().on(fault_route::put_blob).times(1),
                         fault::reorder(5ms).account("a"), fault::ingestion_delay(6ms),
                         fault::ingestion_fails(ingestion_failure_kind::partial),
                         fault::ingestion_fails(ingestion_failure_kind::exhausted),
                         fault::redeliver(1ms), fault::status_delay(2ms), fault::status_lost()});
    BOOST_TEST(!plan.decide_request(at(fault_route::put_blob), 0ms).ending);
    BOOST_TEST(!plan.decide_connection(engine, 0ms));
    BOOST_TEST(plan.decide_connection(store, 0ms));
    BOOST_TEST(!plan.decide_connection(store, 0ms));
    auto const message = plan.decide_message("a", 0ms);
    BOOST_TEST(message.hold.count() == 11);
    BOOST_TEST((message.failure == 3U));
    BOOST_TEST((message.again == 1ms));
    BOOST_TEST(message.status_delay.count() == 2);
    BOOST_TEST(message.status_lost);
    BOOST_TEST(plan.decide_message("b", 0ms).hold.count() == 6);
    BOOST_TEST(plan.counts()[0].matched == 2U);
    BOOST_TEST(plan.counts()[1].matched == 1U);
}

BOOST_AUTO_TEST_CASE(transfers_share_a_rate)
{
    rate_limit line(1000);
    rate_limit::clock::time_point const start(1h);
    BOOST_TEST((line.reserve(100, start) == start + 100ms));
    BOOST_TEST((line.reserve(50, start) == start + 150ms));
    BOOST_TEST((line.reserve(0, start) == start + 150ms));
    // What was not used in time is gone.
    BOOST_TEST((line.reserve(1000, start + 5s) == start + 6s));
}

BOOST_AUTO_TEST_CASE(rules_can_be_about_a_text)
{
    auto plan = plan_of({fault::garbage().on(fault_route::command).containing(".Move Extents"),
                         fault::status(500).on(fault_route::query).containing("count")});
    auto const ending = [&](fault_route route, char const* text)
    { return plan.decide_request(at(route, {}, text), 0ms).ending.value_or(9); };
    BOOST_TEST(ending(fault_route::command, "  .MOVE extents all from table S") == 0U);
    BOOST_TEST(ending(fault_route::command, ".move\textents") == 9U);
    BOOST_TEST(ending(fault_route::query, ".move extents") == 9U);
    BOOST_TEST(ending(fault_route::query, "T | Count") == 1U);
    BOOST_TEST(ending(fault_route::command, "count") == 9U);
    BOOST_TEST(plan.counts()[0].matched == 1U);
}

BOOST_AUTO_TEST_CASE(where_a_text_is)
{
    auto const text = [](request const& http) { return classify(port_role::engine, http).text; };
    auto const command = make("POST", "/v1/rest/mgmt", R"({"csl":".move extents"})");
    auto const query = make("POST", "/v2/rest/query", R"({"csl":"T"})");
    auto const get = make("GET", "/v1/rest/query?db=d&csl=T%20%7C%20count");
    BOOST_TEST(text(command) == ".move extents");
    BOOST_TEST(text(query) == "T");
    BOOST_TEST(text(get) == "T | count");
    BOOST_TEST(text(make("POST", "/v1/rest/query", "no JSON")) == "");
    BOOST_TEST(text_is_in_body(port_role::engine, query));
    BOOST_TEST(!text_is_in_body(port_role::engine, get));
    BOOST_TEST(!text_is_in_body(port_role::storage, query));
}

BOOST_AUTO_TEST_SUITE_END()
