#include <boost/test/unit_test.hpp>
#include <fstream>
#include <kusto/emulator/faults.hpp>
#include <sstream>

using namespace kusto::emulator;
using namespace std::chrono_literals;

namespace
{

fault_script everything()
{
    fault_script out;
    out.seed(18446744073709551615ULL);
    out.add(fault::status(503, "ServerBusy")
                .on(fault_route::put_blob)
                .account("localstore1")
                .from(3)
                .times(5)
                .every(2)
                .probability(0.25)
                .between(10ms, 2s)
                .retry_after(1500ms, retry_after_form::http_date));
    out.add(fault::status(429).on(fault_route::resources).permanent(true));
    out.add(fault::status(500).retry_after(0ms, retry_after_form::x_ms).permanent(false));
    out.add(fault::delay(5ms).between(1s));
    out.add(fault::latency(30ms));
    out.add(fault::bandwidth(100'000).on(fault_route::put_block));
    out.add(fault::drip(7, 3ms).on(fault_route::query));
    for (int i = static_cast<int>(fault_action::close_before_body);
         i <= static_cast<int>(fault_action::accept_never); ++i)
        out.add(fault::of(static_cast<fault_action>(i)).on(fault_route::put_message));
    out.add(fault::executed_twice().containing(".move extents"));
    out.add(fault::executed_late(40ms).times(1));
    out.add(fault::garbage().on(fault_route::query).containing("T | \"x\""));
    out.add(fault::redeliver(70ms).probability(0.5));
    out.add(fault::reorder(20ms).account("localstore0"));
    out.add(fault::ingestion_fails(ingestion_failure_kind::exhausted, "Timeout", 5s));
    out.add(fault::ingestion_fails(ingestion_failure_kind::partial));
    out.add(fault::ingestion_delay(1s));
    out.add(fault::status_delay(2s));
    out.add(fault::status_lost().times(1));
    return out;
}

/// `rule field` of the refusal, `-` for no rule.
std::string refusal(std::string const& json)
{
    try
    {
        static_cast<void>(fault_script::from_json(json));
    }
    catch (fault_script_error const& error)
    {
        BOOST_TEST_MESSAGE(error.what());
        return (error.rule() ? std::to_string(*error.rule()) : "-") + " " + error.field();
    }
    return "accepted";
}

/// The same for a script whose second rule has these members.
std::string rule(std::string const& members)
{
    return refusal("{\"rules\":[{\"action\":\"garbage\"},{" + members + "}]}");
}

std::string refusal(fault made)
{
    try
    {
        fault_script().add(std::move(made)).check();
    }
    catch (fault_script_error const& error)
    {
        return error.field();
    }
    return "accepted";
}

} // namespace

BOOST_AUTO_TEST_SUITE(fault_scripts)

BOOST_AUTO_TEST_CASE(a_script_comes_back_from_its_json)
{
    auto const script = everything();
    auto const text = script.to_json();
    BOOST_TEST_MESSAGE(text);
    auto const again = fault_script::from_json(text);
    BOOST_REQUIRE(again.rules().size() == script.rules().size());
    for (std::size_t i = 0; i < script.rules().size(); ++i)
        BOOST_TEST((again.rules()[i] == script.rules()[i]), "rule " << i);
    BOOST_TEST((again == script));
    BOOST_TEST((fault_script::from_json("{}") == fault_script()));
    BOOST_TEST(fault_script().to_json() == R"({"seed":1,"rules":[]})");
}

BOOST_AUTO_TEST_CASE(defaults_are_left_out)
{
    fault_script script;
    script.add(fault::drop_answer().on(fault_route::put_message).times(1));
    BOOST_TEST(script.to_json() ==
               R"({"seed":1,"rules":[{"action":"drop_answer","route":"put_message","times":1}]})");
}

BOOST_AUTO_TEST_CASE(a_wrong_script_is_refused_by_member)
{
    BOOST_TEST(refusal("{") == "- ");
    BOOST_TEST(refusal("[]") == "- ");
    BOOST_TEST(refusal(R"({"seeds":1})") == "- seeds");
    BOOST_TEST(refusal(R"({"seed":-1})") == "- seed");
    BOOST_TEST(refusal(R"({"seed":1.5})") == "- seed");
    BOOST_TEST(refusal(R"({"rules":{}})") == "- rules");
    BOOST_TEST(refusal(R"({"rules":[1]})") == "0 ");
    BOOST_TEST(refusal(R"({"rules":[{}]})") == "0 action");
}

BOOST_AUTO_TEST_CASE(a_wrong_rule_is_refused_by_index_and_member)
{
    BOOST_TEST(rule(R"("action":"explode")") == "1 action");
    BOOST_TEST(rule(R"("action":7)") == "1 action");
    BOOST_TEST(rule(R"("action":"garbage","route":"blob")") == "1 route");
    BOOST_TEST(rule(R"("action":"garbage","code":500)") == "1 code");
    BOOST_TEST(rule(R"("action":"status")") == "1 code");
    BOOST_TEST(rule(R"("action":"status","code":200)") == "1 code");
    BOOST_TEST(rule(R"("action":"status","code":99999999999)") == "1 code");
    BOOST_TEST(rule(R"("action":"status","code":"503")") == "1 code");
    BOOST_TEST(rule(R"("action":"status","code":503,"service_code":"a\r\nb: c")") ==
               "1 service_code");
    BOOST_TEST(rule(R"("action":"status","code":503,"retry_after_form":"seconds")") ==
               "1 retry_after_form");
    BOOST_TEST(rule(R"("action":"status","code":503,"retry_after_ms":1,"retry_after_form":"s")") ==
               "1 retry_after_form");
    BOOST_TEST(rule(R"("action":"status","code":503,"permanent":1)") == "1 permanent");
    BOOST_TEST(rule(R"("action":"delay")") == "1 time_ms");
    BOOST_TEST(rule(R"("action":"delay","time_ms":86400001)") == "1 time_ms");
    BOOST_TEST(rule(R"("action":"delay","time_ms":-1)") == "1 time_ms");
    BOOST_TEST(rule(R"("action":"bandwidth","bytes_per_second":0)") == "1 bytes_per_second");
    BOOST_TEST(rule(R"("action":"drip","bytes":0)") == "1 bytes");
    BOOST_TEST(rule(R"("action":"drip","bytes":1,"interval_ms":true)") == "1 interval_ms");
    BOOST_TEST(rule(R"("action":"garbage","from":0)") == "1 from");
    BOOST_TEST(rule(R"("action":"garbage","times":0)") == "1 times");
    BOOST_TEST(rule(R"("action":"garbage","every":0)") == "1 every");
    BOOST_TEST(rule(R"("action":"garbage","probability":1.5)") == "1 probability");
    BOOST_TEST(rule(R"("action":"garbage","begin_ms":5,"end_ms":5)") == "1 end_ms");
    BOOST_TEST(rule(R"("action":"ingestion_fails","kind":"odd")") == "1 kind");
    BOOST_TEST(rule(R"("action":"ingestion_fails")") == "1 kind");
    BOOST_TEST(rule(R"("action":"status_lost","route":"query")") == "1 route");
    BOOST_TEST(rule(R"("action":"accept_never","account":"a")") == "1 account");
    BOOST_TEST(rule(R"("action":"executed_late")") == "1 time_ms");
    BOOST_TEST(rule(R"("action":"executed_late","time_ms":1,"route":"query")") == "1 route");
    BOOST_TEST(rule(R"("action":"executed_twice","route":"any")") == "1 route");
    BOOST_TEST(rule(R"("action":"executed_twice","time_ms":1)") == "1 time_ms");
    BOOST_TEST(rule(R"("action":"executed_twice")") == "accepted");
    BOOST_TEST(rule(R"("action":"garbage","containing":"x")") == "1 containing");
    BOOST_TEST(rule(R"("action":"garbage","route":"resources","containing":"x")") ==
               "1 containing");
    BOOST_TEST(rule(R"("action":"redeliver","time_ms":1,"containing":"x")") == "1 containing");
    BOOST_TEST(rule(R"("action":"garbage","route":"query","containing":7)") == "1 containing");
    BOOST_TEST(rule(R"("action":"garbage","route":"query","containing":"x")") == "accepted");
    BOOST_TEST(rule(R"("action":"garbage","times":2)") == "accepted");
}

BOOST_AUTO_TEST_CASE(the_text_says_what_is_allowed)
{
    auto const says = [](std::string const& part)
    {
        return [part](fault_script_error const& error)
        { return std::string(error.what()).find(part) != std::string::npos; };
    };
    auto const read = [](char const* text) { static_cast<void>(fault_script::from_json(text)); };
    BOOST_CHECK_EXCEPTION(
        read(R"({"rules":[{"action":"delay","time":5}]})"), fault_script_error,
        says("rule 0, 'time': is not known here; allowed are action, route, "
             "account, containing, from, times, every, probability, begin_ms, end_ms, "
             "time_ms"));
    BOOST_CHECK_EXCEPTION(read(R"({"rules":[{"action":"garbage","route":"x"}]})"),
                          fault_script_error, says("allowed are any, metadata, token"));
}

BOOST_AUTO_TEST_CASE(the_example_is_a_script)
{
    std::ifstream in(KUSTO_EXAMPLE_FAULTS);
    std::ostringstream text;
    text << in.rdbuf();
    auto const script = fault_script::from_json(text.str());
    BOOST_TEST(script.seed() == 7U);
    BOOST_TEST(script.rules().size() == 9U);
    BOOST_TEST((fault_script::from_json(script.to_json()) == script));
}

BOOST_AUTO_TEST_CASE(built_rules_are_checked_too)
{
    BOOST_TEST(refusal(fault::status(600)) == "code");
    BOOST_TEST(refusal(fault::of(fault_action::bandwidth)) == "bytes_per_second");
    BOOST_TEST(refusal(fault::delay(-1ms)) == "time_ms");
    BOOST_TEST(refusal(fault::delay(1ms).retry_after(1s)) == "retry_after_ms");
    BOOST_TEST(refusal(fault::garbage().permanent(true)) == "permanent");
    BOOST_TEST(refusal(fault::garbage().probability(0.0 / 0.0)) == "probability");
    BOOST_TEST(refusal(fault::reorder(1ms).on(fault_route::query)) == "route");
    BOOST_TEST(refusal(fault::of(fault_action::executed_twice)) == "route");
    BOOST_TEST(refusal(fault::executed_late(-1ms)) == "time_ms");
    BOOST_TEST(refusal(fault::accept_never().on(fault_route::query).containing("x")) ==
               "containing");
    BOOST_TEST(refusal(fault::garbage()) == "accepted");
}

BOOST_AUTO_TEST_SUITE_END()
