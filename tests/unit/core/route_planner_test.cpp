#include <core/route_planner.hpp>

#include <boost/test/unit_test.hpp>

namespace
{

using namespace std::chrono_literals;
using kusto::deadline;
using kusto::errc;
using kusto::failure;
using kusto::retry_options;
using kusto::stage;
using kusto::core::remedy;
using kusto::core::route_decision;
using kusto::core::route_planner;
using kusto::core::stop;
using step = route_decision::step;

auto const start = deadline::time_point(1000h);

failure busy()
{
    return failure(errc::throttled, stage::upload, "busy").status(503).retryable(true);
}

failure asks_for(std::chrono::milliseconds pause)
{
    return busy().retry_after(pause);
}

retry_options many()
{
    return retry_options().attempts(100).base(1s).cap(10s);
}

std::vector<stop> stops(std::vector<std::string> const& accounts, std::size_t signature = 1)
{
    std::vector<stop> list;
    for (auto const& account : accounts)
        list.emplace_back(account, "https://" + account + "/c", signature);
    return list;
}

bool goes(route_decision const& d, std::size_t where, deadline::time_point when)
{
    BOOST_TEST((d.what == step::go));
    BOOST_TEST(d.stop == where);
    BOOST_TEST((d.at - start).count() == (when - start).count());
    return d.what == step::go && d.stop == where && d.at == when;
}

} // namespace

BOOST_AUTO_TEST_SUITE(route_planner_tests)

BOOST_AUTO_TEST_CASE(the_best_comes_first)
{
    route_planner planner(many(), deadline::never());
    BOOST_TEST(goes(planner.begin(stops({"a", "b"}), start), 0, start));
    BOOST_TEST(planner.here() == 0u);
}

BOOST_AUTO_TEST_CASE(every_remedy_in_a_table)
{
    struct row
    {
        remedy help;
        step what;
        std::size_t where;
        deadline::clock::duration pause;
    };
    row const rows[] = {
        {remedy::none, step::give_up, 0, 0s},
        {remedy::patience, step::go, 0, 500ms},
        {remedy::other_account, step::go, 1, 0s},
        {remedy::same_again, step::go, 0, 0s},
        {remedy::fresh_signature, step::refresh_resources, 0, 0s},
        {remedy::fresh_resources, step::refresh_resources, 0, 0s},
    };
    for (auto const& r : rows)
    {
        route_planner planner(many(), deadline::never());
        (void)planner.begin(stops({"a", "b"}), start);
        auto const d = planner.failed(busy(), r.help, start, 0.5);
        BOOST_TEST((d.what == r.what));
        if (d.what == step::go)
            BOOST_TEST(goes(d, r.where, start + r.pause));
    }
}

BOOST_AUTO_TEST_CASE(a_pause_when_every_account_had_its_turn)
{
    route_planner planner(many(), deadline::never());
    (void)planner.begin(stops({"a", "b", "c"}), start);
    BOOST_TEST(goes(planner.failed(busy(), remedy::other_account, start, 0.5), 1, start));
    BOOST_TEST(goes(planner.failed(busy(), remedy::other_account, start, 0.5), 2, start));
    // The third attempt: a backoff of up to 4 s.
    BOOST_TEST(goes(planner.failed(busy(), remedy::other_account, start, 0.5), 0, start + 2s));
    // All have another turn.
    BOOST_TEST(goes(planner.failed(busy(), remedy::other_account, start + 2s, 0.5), 1, start + 2s));
}

BOOST_AUTO_TEST_CASE(several_containers_of_one_account_are_one_account)
{
    auto list = stops({"a", "a", "b"});
    list[1].address = "https://a/c2";
    route_planner planner(many(), deadline::never());
    (void)planner.begin(list, start);
    BOOST_TEST(goes(planner.failed(busy(), remedy::other_account, start, 0.5), 2, start));
}

BOOST_AUTO_TEST_CASE(a_single_account_is_tried_again_at_another_container)
{
    auto list = stops({"a", "a"});
    list[1].address = "https://a/c2";
    route_planner planner(many(), deadline::never());
    (void)planner.begin(list, start);
    BOOST_TEST(goes(planner.failed(busy(), remedy::other_account, start, 0.5), 1, start + 500ms));
}

BOOST_AUTO_TEST_CASE(a_throttling_account_is_not_used_before_its_time)
{
    route_planner planner(many(), deadline::never());
    (void)planner.begin(stops({"a", "b"}), start);
    BOOST_TEST(goes(planner.failed(asks_for(30s), remedy::other_account, start, 0.5), 1, start));
    // b fails too, without a wish: b again rather than a before its time.
    BOOST_TEST(goes(planner.failed(busy(), remedy::other_account, start, 0.5), 1, start + 1s));
    // Now b asks for longer than a does.
    BOOST_TEST(goes(planner.failed(asks_for(60s), remedy::other_account, start + 1s, 0.5), 0,
                    start + 30s));
}

BOOST_AUTO_TEST_CASE(an_account_that_rests_already_is_passed_over)
{
    auto list = stops({"a", "b"});
    list[0].not_before = start + 10s;
    route_planner planner(many(), deadline::never());
    BOOST_TEST(goes(planner.begin(list, start), 1, start));
    list[1].not_before = start + 5s;
    route_planner both(many(), deadline::never());
    BOOST_TEST(goes(both.begin(list, start), 1, start + 5s));
    route_planner late(many(), deadline(start + 4s));
    BOOST_TEST((late.begin(list, start).what == step::give_up));
}

BOOST_AUTO_TEST_CASE(absurd_wishes_are_cut)
{
    route_planner planner(many(), deadline::never());
    (void)planner.begin(stops({"a"}), start);
    BOOST_TEST(
        goes(planner.failed(asks_for(24h), remedy::other_account, start, 0.5), 0, start + 5min));
    route_planner negative(many(), deadline::never());
    (void)negative.begin(stops({"a"}), start);
    BOOST_TEST(
        goes(negative.failed(asks_for(-5s), remedy::other_account, start, 0.5), 0, start + 500ms));
}

BOOST_AUTO_TEST_CASE(never_beyond_the_deadline)
{
    route_planner planner(many(), deadline(start + 5s));
    (void)planner.begin(stops({"a"}), start);
    BOOST_TEST(goes(planner.failed(asks_for(4s), remedy::other_account, start, 0), 0, start + 4s));
    BOOST_TEST(
        (planner.failed(asks_for(2s), remedy::other_account, start + 4s, 0).what == step::give_up));
    BOOST_TEST(
        (planner.failed(busy(), remedy::fresh_resources, start + 5s, 0).what == step::give_up));
}

BOOST_AUTO_TEST_CASE(attempts_are_counted)
{
    for (auto const help : {remedy::other_account, remedy::patience, remedy::fresh_resources,
                            remedy::fresh_signature, remedy::same_again})
    {
        route_planner planner(retry_options().attempts(2), deadline::never());
        (void)planner.begin(stops({"a", "b"}), start);
        BOOST_TEST((planner.failed(busy(), help, start, 0).what != step::give_up));
        BOOST_TEST((planner.failed(busy(), help, start, 0).what == step::give_up));
        BOOST_TEST(planner.attempts() == 2);
    }
}

BOOST_AUTO_TEST_CASE(a_renewed_signature_is_tried_at_the_same_place_once)
{
    route_planner planner(many(), deadline::never());
    (void)planner.begin(stops({"a", "b"}), start);
    (void)planner.failed(busy(), remedy::fresh_signature, start, 0.5);
    BOOST_TEST(goes(planner.renewed(stops({"b", "a"}, 2), start, 0.5), 1, start));
    (void)planner.failed(busy(), remedy::fresh_signature, start, 0.5);
    BOOST_TEST(goes(planner.renewed(stops({"b", "a"}, 3), start, 0.5), 0, start));
}

BOOST_AUTO_TEST_CASE(the_old_signature_is_not_tried_again_where_there_is_another_account)
{
    route_planner planner(many(), deadline::never());
    (void)planner.begin(stops({"a", "b"}), start);
    (void)planner.failed(busy(), remedy::fresh_signature, start, 0.5);
    BOOST_TEST(goes(planner.renewed(stops({"a", "b"}), start, 0.5), 1, start));
}

BOOST_AUTO_TEST_CASE(a_container_that_is_gone_is_left_whatever_its_signature)
{
    route_planner planner(many(), deadline::never());
    (void)planner.begin(stops({"a", "b"}), start);
    (void)planner.failed(busy(), remedy::fresh_resources, start, 0.5);
    BOOST_TEST(goes(planner.renewed(stops({"a", "b"}, 2), start, 0.5), 1, start));
}

BOOST_AUTO_TEST_CASE(one_account_after_a_renewal_at_once_then_with_a_pause)
{
    route_planner planner(many(), deadline::never());
    (void)planner.begin(stops({"a"}), start);
    (void)planner.failed(busy(), remedy::fresh_resources, start, 0.5);
    BOOST_TEST(goes(planner.renewed(stops({"a"}), start, 0.5), 0, start));
    (void)planner.failed(busy(), remedy::fresh_resources, start, 0.5);
    BOOST_TEST(goes(planner.renewed(stops({"a"}), start, 0.5), 0, start + 1s));
}

BOOST_AUTO_TEST_CASE(fewer_stops_after_a_renewal)
{
    route_planner planner(many(), deadline::never());
    (void)planner.begin(stops({"a", "b", "c"}), start);
    (void)planner.failed(busy(), remedy::other_account, start, 0.5);
    (void)planner.failed(busy(), remedy::other_account, start, 0.5);
    BOOST_TEST(planner.here() == 2u);
    (void)planner.failed(busy(), remedy::fresh_resources, start, 0.5);
    BOOST_TEST(goes(planner.renewed(stops({"d"}), start, 0.5), 0, start));
}

BOOST_AUTO_TEST_CASE(lost_blocks_are_sent_again_to_the_same_place_once)
{
    route_planner planner(many(), deadline::never());
    (void)planner.begin(stops({"a", "b"}), start);
    BOOST_TEST(goes(planner.failed(busy(), remedy::same_again, start, 0.5), 0, start));
    BOOST_TEST(goes(planner.failed(busy(), remedy::same_again, start, 0.5), 1, start));
}

BOOST_AUTO_TEST_SUITE_END()
