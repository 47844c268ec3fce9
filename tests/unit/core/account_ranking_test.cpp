#include <core/account_ranking.hpp>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <random>
#include <set>

namespace
{

using namespace std::chrono_literals;
using kusto::core::account_ranking;
using names = std::vector<std::string>;

auto const start = account_ranking::time_point(1000h);

account_ranking::random_source seeded(unsigned seed)
{
    return [engine = std::mt19937(seed)]() mutable
    { return std::uniform_real_distribution<double>(0.0, 1.0)(engine); };
}

account_ranking with(names const& accounts)
{
    account_ranking r;
    r.keep(accounts, start);
    return r;
}

names accounts_in_order(account_ranking const& r, names const& resources, unsigned seed)
{
    names ordered;
    for (auto const i : r.order(resources, seeded(seed)))
        ordered.push_back(resources[i]);
    return ordered;
}

} // namespace

BOOST_AUTO_TEST_SUITE(account_ranking_tests)

BOOST_AUTO_TEST_CASE(no_results_rank_best)
{
    auto const r = with({"a"});
    BOOST_TEST(r.rank("a") == 1.0);
    BOOST_TEST(r.rank("unknown") == 1.0);
}

BOOST_AUTO_TEST_CASE(share_of_successes_within_one_bucket)
{
    auto r = with({"a"});
    r.record("a", true, start);
    r.record("a", false, start + 1s);
    r.record("a", false, start + 9s);
    r.record("a", true, start + 9999ms);
    BOOST_TEST(r.rank("a") == 0.5);
}

BOOST_AUTO_TEST_CASE(newer_buckets_weigh_more)
{
    auto r = with({"a"});
    r.record("a", false, start);
    r.record("a", true, start + 10s);
    BOOST_TEST(r.rank("a") == 6.0 / 11.0, boost::test_tools::tolerance(1e-12));
    r.record("a", true, start + 30s); // one empty bucket in between
    BOOST_TEST(r.rank("a") == (6.0 + 4.0) / (6.0 + 4.0 + 3.0), boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(results_are_forgotten_after_a_minute_and_not_by_reading)
{
    auto r = with({"a"});
    r.record("a", false, start);
    BOOST_TEST(r.rank("a") == 0.0);
    r.record("a", true, start + 50s);
    BOOST_TEST(r.rank("a") == 6.0 / 7.0, boost::test_tools::tolerance(1e-12));
    r.record("a", true, start + 60s);
    BOOST_TEST(r.rank("a") == 1.0);
    r.record("a", false, start + 61s);
    r.record("a", true, start + 10h);
    BOOST_TEST(r.rank("a") == 1.0);
}

BOOST_AUTO_TEST_CASE(refreshing_carries_over_and_forgets_the_vanished)
{
    auto r = with({"a", "b"});
    r.record("a", false, start);
    r.record("b", false, start);
    r.keep({"a", "c"}, start + 1s);
    BOOST_TEST(r.rank("a") == 0.0);
    BOOST_TEST(r.rank("b") == 1.0);
    r.keep({"a", "b"}, start + 2s);
    BOOST_TEST(r.rank("b") == 1.0);
}

BOOST_AUTO_TEST_CASE(tiers_come_best_first)
{
    names const accounts{"zero", "thirty", "seventy", "ninety"};
    auto r = with(accounts);
    auto const score = [&](std::string const& account, int good)
    {
        for (int i = 0; i < 10; ++i)
            r.record(account, i < good, start);
    };
    score("zero", 2);
    score("thirty", 3);
    score("seventy", 7);
    score("ninety", 9);
    names const expected{"ninety", "seventy", "thirty", "zero"};
    for (unsigned seed = 0; seed < 20; ++seed)
        BOOST_TEST(accounts_in_order(r, accounts, seed) == expected,
                   boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(equals_are_shuffled_and_accounts_interleaved)
{
    names const resources{"a", "a", "a", "b", "b", "c"};
    auto const r = with({"a", "b", "c"});
    std::set<std::string> firsts;
    std::set<std::size_t> first_resources;
    for (unsigned seed = 0; seed < 200; ++seed)
    {
        auto const order = r.order(resources, seeded(seed));
        std::set<std::size_t> const all(order.begin(), order.end());
        BOOST_REQUIRE(all.size() == resources.size());
        auto const named = accounts_in_order(r, resources, seed);
        std::set<std::string> const round(named.begin(), named.begin() + 3);
        BOOST_TEST(round.size() == 3u);
        BOOST_TEST(named[5] == "a");
        firsts.insert(named[0]);
        first_resources.insert(order[0]);
    }
    BOOST_TEST(firsts.size() == 3u);
    BOOST_TEST(first_resources.size() == 6u);
}

BOOST_AUTO_TEST_CASE(more_than_six_buckets_evict_the_oldest_not_the_newest)
{
    auto r = with({"a"});
    r.record("a", false, start);
    for (int i = 1; i <= 6; ++i)
        r.record("a", true, start + i * 10s);
    BOOST_TEST(r.rank("a") == 1.0);
    r.record("a", false, start + 70s);
    // The newest of six buckets weighs 6 of 21.
    BOOST_TEST(r.rank("a") == 15.0 / 21.0, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(an_account_whose_buckets_are_all_empty_keeps_its_place_in_the_order)
{
    auto r = with({"a", "b"});
    BOOST_TEST(r.rank("a") == 1.0); // no division of nothing by nothing
    r.record("b", true, start);
    for (unsigned seed = 0; seed < 20; ++seed)
        BOOST_TEST(accounts_in_order(r, {"a", "b"}, seed).size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_bad_account_is_last_and_never_left_out)
{
    auto r = with({"a", "b"});
    r.record("a", false, start);
    names const expected{"b", "a"};
    for (unsigned seed = 0; seed < 20; ++seed)
        BOOST_TEST(accounts_in_order(r, {"a", "b"}, seed) == expected,
                   boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_clock_that_stands_still_or_steps_back_does_no_harm)
{
    auto r = with({"a"});
    r.record("a", true, start);
    r.record("a", false, start - 5s);
    BOOST_TEST(r.rank("a") == 0.5);
}

BOOST_AUTO_TEST_CASE(an_account_rests_as_long_as_it_asked)
{
    auto r = with({"a", "b"});
    BOOST_TEST((r.resting_until("a") < start));
    r.rest("a", start + 10s);
    r.rest("a", start + 5s); // the longer wish holds
    r.rest("nobody", start + 5s);
    BOOST_TEST((r.resting_until("a") == start + 10s));
    BOOST_TEST((r.resting_until("b") < start));
    BOOST_TEST((r.resting_until("nobody") < start));
    r.keep({"a"}, start);
    BOOST_TEST((r.resting_until("a") == start + 10s));
}

BOOST_AUTO_TEST_CASE(nothing_to_order)
{
    BOOST_TEST(with({}).order({}, seeded(1)).empty());
}

BOOST_AUTO_TEST_SUITE_END()
