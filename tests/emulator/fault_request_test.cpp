#include <emulator/fault_session.hpp>

using namespace kusto::emulator;
using namespace cluster_test;
namespace json = boost::json;

namespace
{

bool contains(std::string const& text, std::string const& part)
{
    return text.find(part) != std::string::npos;
}

constexpr char const* expired = "Signature not valid in the specified time frame: Start [";

} // namespace

BOOST_AUTO_TEST_SUITE(request_faults)

BOOST_AUTO_TEST_CASE(every_route_meets_its_own_rule)
{
    fault_session it;
    fault_script script;
    for (int i = 1; i < route_count; ++i)
        script.add(fault::status(540 + i).on(static_cast<fault_route>(i)));
    it.local.set_faults(script);
    for (int i = 1; i < route_count; ++i)
        BOOST_TEST(it.send(static_cast<fault_route>(i)).status == 540 + i, "route " << i);
    for (int i = 1; i < route_count; ++i)
        BOOST_TEST(it.count(static_cast<std::size_t>(i - 1)).matched == 1U, "route " << i);
    it.faults();
    // Insert before read, so that there is something to read.
    for (int i = 0; i < route_count; ++i)
        BOOST_TEST(it.send(static_cast<fault_route>(i)).status / 100 == 2, "route " << i);
    BOOST_TEST(it.local.fault_counts().empty());
}

BOOST_AUTO_TEST_CASE(kusto_refuses_in_its_format)
{
    fault_session it;
    it.faults(fault::status(429).times(1), fault::status(400, "Odd_Code").permanent(false));
    auto const throttled = it.send(fault_route::resources);
    BOOST_TEST(throttled.status == 429);
    BOOST_TEST(!throttled.header("x-ms-activity-id").empty());
    auto const error = json::parse(throttled.body).at("error");
    BOOST_TEST(error.at("code").as_string() == "TooManyRequests");
    BOOST_TEST(contains(std::string(error.at("@type").as_string()), "KustoRequestThrottled"));
    BOOST_TEST(!error.at("@permanent").as_bool());
    auto const odd = json::parse(it.send(fault_route::query).body).at("error");
    BOOST_TEST(odd.at("code").as_string() == "Odd_Code");
    BOOST_TEST(!odd.at("@permanent").as_bool());
}

BOOST_AUTO_TEST_CASE(the_login_endpoint_refuses_in_its_format)
{
    fault_session it;
    it.faults(fault::status(503).times(1), fault::status(401, "invalid_client"));
    auto const busy = it.send(fault_route::token);
    BOOST_TEST(busy.status == 503);
    auto const body = json::parse(busy.body);
    BOOST_TEST(body.at("error").as_string() == "temporarily_unavailable");
    BOOST_TEST(body.at("error_codes").at(0).as_int64() == 90033);
    BOOST_TEST(json::parse(it.send(fault_route::token).body).at("error").as_string() ==
               "invalid_client");
}

BOOST_AUTO_TEST_CASE(storage_refuses_in_its_formats)
{
    fault_session it;
    it.faults(fault::status(503));
    for (auto const route : {fault_route::put_blob, fault_route::put_message})
    {
        auto const busy = it.send(route);
        BOOST_TEST(busy.status == 503);
        BOOST_TEST(busy.header("x-ms-error-code") == "ServerBusy");
        BOOST_TEST(busy.header("Content-Type") == "application/xml");
        BOOST_TEST(contains(busy.body, "<Code>ServerBusy</Code>"));
        BOOST_TEST(!busy.header("x-ms-request-id").empty());
    }
    auto const table = it.send(fault_route::insert_status);
    BOOST_TEST(table.header("x-ms-error-code") == "ServerBusy");
    BOOST_TEST(json::parse(table.body).at("odata.error").at("code").as_string() == "ServerBusy");
    BOOST_TEST(it.local.counts().blobs_put == 1U);
}

BOOST_AUTO_TEST_CASE(retry_after_in_every_spelling)
{
    fault_session it;
    auto const refused = [] { return fault::status(503).times(1); };
    it.faults(refused().retry_after(1500ms),
              refused().from(2).retry_after(1500ms, retry_after_form::http_date),
              refused().from(3).retry_after(1500ms, retry_after_form::milliseconds),
              refused().from(4).retry_after(1500ms, retry_after_form::x_ms), refused().from(5));
    BOOST_TEST(it.send(fault_route::put_blob).header("Retry-After") == "2");
    auto const before = std::chrono::system_clock::now();
    auto const date = parse_http_date(it.send(fault_route::put_blob).header("Retry-After"));
    BOOST_REQUIRE(date.has_value());
    BOOST_TEST((*date >= before + 1500ms));
    BOOST_TEST((*date <= std::chrono::system_clock::now() + 2500ms));
    BOOST_TEST(it.send(fault_route::put_blob).header("retry-after-ms") == "1500");
    BOOST_TEST(it.send(fault_route::put_blob).header("x-ms-retry-after-ms") == "1500");
    auto const plain = it.send(fault_route::put_blob);
    BOOST_TEST(plain.status == 503);
    for (char const* name : {"Retry-After", "retry-after-ms", "x-ms-retry-after-ms"})
        BOOST_TEST(plain.header(name) == "");
    BOOST_TEST(it.send(fault_route::put_blob).status == 201);
}

BOOST_AUTO_TEST_CASE(rules_can_be_about_one_account)
{
    fault_session it;
    auto const path = target_of(it.client.container);
    auto const account = path.substr(1, path.find('/', 1) - 1);
    it.faults(fault::status(500).account("nobody"), fault::status(503).account(account));
    BOOST_TEST(it.send(fault_route::put_blob).status == 503);
    BOOST_TEST(it.send(fault_route::metadata).status == 200);
    BOOST_TEST(it.count(0).matched == 0U);
    BOOST_TEST(it.count(1).applied == 1U);
}

BOOST_AUTO_TEST_CASE(garbage_is_a_success_that_did_nothing)
{
    fault_session it;
    it.faults(fault::garbage());
    for (int i = 0; i < route_count; ++i)
    {
        auto const answer = it.send(static_cast<fault_route>(i));
        json::error_code error;
        static_cast<void>(json::parse(answer.body, error));
        BOOST_TEST(answer.status == 200);
        BOOST_TEST(static_cast<bool>(error));
    }
    BOOST_TEST(it.local.counts().blobs_put == 1U);
    BOOST_TEST(it.local.counts().messages == 0U);
}

BOOST_AUTO_TEST_CASE(signatures_expire_until_new_ones_are_fetched)
{
    fault_session it;
    it.faults(fault::expire_sas().on(fault_route::put_blob).times(1));
    auto const refused = it.send(fault_route::put_blob);
    BOOST_TEST(refused.status == 403);
    BOOST_TEST(refused.header("x-ms-error-code") == "AuthenticationFailed");
    BOOST_TEST(contains(refused.body, expired));
    BOOST_TEST(it.send(fault_route::put_blob).status == 403);
    BOOST_TEST(it.send(fault_route::put_message).status == 403);
    BOOST_TEST(it.send(fault_route::insert_status).status == 403);
    BOOST_TEST(it.count().applied == 1U);
    auto const old_container = it.client.container;
    it.client.find_resources();
    BOOST_TEST(it.client.container != old_container);
    BOOST_TEST(it.send(fault_route::put_blob).status == 201);
    BOOST_TEST(it.send(fault_route::put_message).status == 201);
    BOOST_TEST(it.local.wait_until_idle(30s));
    BOOST_TEST(it.local.scalar("NetDefaultDB", "T | count") == "1");
    // A message that names the blob with the signature from before cannot be ingested.
    it.client.container = old_container;
    BOOST_TEST(it.send(fault_route::put_message).status == 201);
    BOOST_TEST(it.local.wait_until_idle(30s));
    BOOST_TEST(it.local.counts().failed == 1U);
    it.client.find_resources();
    BOOST_TEST(it.send(fault_route::put_blob).status == 201);
}

BOOST_AUTO_TEST_CASE(what_was_posted_before_the_expiry_is_ingested)
{
    fault_session it(quick().batching(200ms, 100, std::uint64_t(1) << 30));
    BOOST_TEST(it.send(fault_route::put_message).status == 201);
    it.faults(fault::expire_sas(), fault::expire_identity());
    BOOST_TEST(it.send(fault_route::metadata).status == 200);
    BOOST_TEST(it.local.wait_until_idle(30s));
    BOOST_TEST(it.local.scalar("NetDefaultDB", "T | count") == "1");
    BOOST_TEST(it.local.counts().failed == 0U);
}

BOOST_AUTO_TEST_CASE(access_tokens_are_revoked)
{
    fault_session it;
    it.faults(fault::revoke_tokens().on(fault_route::query).times(1));
    BOOST_TEST(it.send(fault_route::resources).status == 200);
    BOOST_TEST(it.send(fault_route::query).status == 401);
    BOOST_TEST(it.send(fault_route::resources).status == 401);
    it.client.sign_in();
    BOOST_TEST(it.send(fault_route::query).status == 200);
}

BOOST_AUTO_TEST_CASE(identity_tokens_expire)
{
    fault_session it;
    it.faults(fault::expire_identity().on(fault_route::put_message).times(1));
    BOOST_TEST(it.send(fault_route::put_message).status == 201);
    BOOST_TEST(it.local.wait_until_idle(30s));
    BOOST_TEST(it.local.counts().failed == 1U);
    auto const rows = it.local.execute("NetDefaultDB", ".show ingestion failures");
    BOOST_TEST(contains(rows, "BadRequest_InvalidKustoIdentityToken"));
    it.client.find_resources();
    BOOST_TEST(it.send(fault_route::put_message).status == 201);
    BOOST_TEST(it.local.wait_until_idle(30s));
    BOOST_TEST(it.local.counts().ingested == 1U);
}

BOOST_AUTO_TEST_CASE(a_seed_repeats_itself)
{
    auto const sequence = [](std::uint64_t seed)
    {
        fault_session it;
        it.local.set_faults(fault_script().seed(seed).add(
            fault::status(503).on(fault_route::put_blob).probability(0.5)));
        std::string out;
        for (int i = 0; i < 40; ++i)
            out += it.send(fault_route::put_blob).status == 503 ? 'x' : '.';
        BOOST_TEST_MESSAGE("seed " << seed << ": " << out);
        return out;
    };
    auto const first = sequence(42);
    BOOST_TEST(sequence(42) == first);
    BOOST_TEST(sequence(43) != first);
    BOOST_TEST(contains(first, "x"));
    BOOST_TEST(contains(first, "."));
}

BOOST_AUTO_TEST_CASE(a_wrong_script_changes_nothing)
{
    fault_session it;
    it.faults(fault::status(503).on(fault_route::put_blob));
    BOOST_CHECK_THROW(it.faults(fault::status(200)), fault_script_error);
    BOOST_TEST(it.send(fault_route::put_blob).status == 503);
    BOOST_CHECK_THROW(cluster(quick().faults(fault_script().add(fault::status(1)))),
                      fault_script_error);
}

BOOST_AUTO_TEST_CASE(a_script_given_at_the_start_is_in_force_at_once)
{
    cluster local(quick().faults(fault_script().add(fault::status(503).times(1))));
    https_client client(local.engine_url(), local.ca_pem());
    BOOST_TEST(client.send("GET", "/v1/rest/auth/metadata").status == 503);
    BOOST_TEST(client.send("GET", "/v1/rest/auth/metadata").status == 200);
}

BOOST_AUTO_TEST_SUITE_END()
