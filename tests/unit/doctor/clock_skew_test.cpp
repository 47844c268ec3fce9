#include <boost/test/unit_test.hpp>
#include <doctor/clock_skew.hpp>
#include <vector>

namespace
{

using namespace kusto;
using namespace std::chrono_literals;
using doctor::clock_sample;
using doctor::judge_clock;

auto const here = base::utc_time_point(100000h);

clock_sample sample(std::string host, std::chrono::milliseconds ahead,
                    std::chrono::milliseconds took = 100ms)
{
    return clock_sample(std::move(host), here + ahead, here, here + took);
}

} // namespace

BOOST_AUTO_TEST_SUITE(clock_skew)

BOOST_AUTO_TEST_CASE(limits)
{
    struct
    {
        std::chrono::milliseconds ahead;
        check_state state;
    } const rows[] = {
        {0s, check_state::ok},       {59s, check_state::ok},       {-59s, check_state::ok},
        {62s, check_state::warning}, {-63s, check_state::warning}, {299s, check_state::warning},
        {303s, check_state::failed}, {-303s, check_state::failed}, {1h, check_state::failed},
    };
    for (auto const& row : rows)
    {
        std::vector<clock_sample> const samples{sample("a", row.ahead)};
        auto const judged = judge_clock(samples);
        BOOST_TEST(to_string(judged.state) == to_string(row.state), row.ahead.count());
    }
}

BOOST_AUTO_TEST_CASE(direction)
{
    std::vector<clock_sample> const behind{sample("a", 1h)};
    BOOST_TEST(judge_clock(behind).detail == "this machine's clock is 3600 s behind a");
    std::vector<clock_sample> const ahead{sample("a", -1h)};
    BOOST_TEST(judge_clock(ahead).detail == "this machine's clock is 3600 s ahead of a");
}

BOOST_AUTO_TEST_CASE(a_single_wrong_server_is_named)
{
    std::vector<clock_sample> const samples{sample("good", 0s), sample("bad", 1h)};
    auto const judged = judge_clock(samples);
    BOOST_TEST((judged.state == check_state::warning));
    BOOST_TEST(judged.detail.find("behind bad") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_slow_answer_proves_less)
{
    std::vector<clock_sample> const samples{sample("a", 70s, 60s)};
    BOOST_TEST((judge_clock(samples).state == check_state::ok));
}

BOOST_AUTO_TEST_CASE(nobody_told)
{
    BOOST_TEST((judge_clock({}).state == check_state::skipped));
}

BOOST_AUTO_TEST_SUITE_END()
