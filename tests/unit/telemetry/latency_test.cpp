#include <boost/test/unit_test.hpp>
#include <kusto/statistics.hpp>
#include <limits>

using namespace kusto;
using namespace std::chrono_literals;

namespace
{

std::int64_t quantile(latency_histogram const& of, double q)
{
    return of.quantile(q).count();
}

constexpr auto beyond = (std::chrono::microseconds::max)().count();

} // namespace

BOOST_AUTO_TEST_SUITE(latency_test)

BOOST_AUTO_TEST_CASE(without_values_everything_is_zero)
{
    latency_histogram const empty;
    BOOST_TEST(empty.count() == 0u);
    for (double const q : {0.0, 0.5, 1.0})
        BOOST_TEST(quantile(empty, q) == 0);
}

BOOST_AUTO_TEST_CASE(quantiles_are_bounds_of_buckets)
{
    latency_histogram values;
    values.buckets[2] = 1;  // up to 4 us
    values.buckets[5] = 98; // up to 32 us
    values.buckets[9] = 1;  // up to 512 us
    BOOST_TEST(values.count() == 100u);
    BOOST_TEST(quantile(values, 0) == 4);
    BOOST_TEST(quantile(values, 0.01) == 4);
    BOOST_TEST(quantile(values, 0.011) == 32);
    BOOST_TEST(quantile(values, 0.5) == 32);
    BOOST_TEST(quantile(values, 0.99) == 32);
    BOOST_TEST(quantile(values, 0.991) == 512);
    BOOST_TEST(quantile(values, 1) == 512);
}

BOOST_AUTO_TEST_CASE(a_quantile_between_two_buckets_is_in_the_lower_one)
{
    for (std::uint64_t below = 1; below <= 100; ++below)
    {
        latency_histogram values;
        values.buckets[0] = below;
        values.buckets[4] = 100 - below;
        BOOST_TEST(quantile(values, static_cast<double>(below) / 100) == 1, below);
    }
}

BOOST_AUTO_TEST_CASE(all_values_in_one_bucket)
{
    for (std::size_t i = 0; i < latency_histogram::bounded_buckets; ++i)
    {
        latency_histogram values;
        values.buckets[i] = 7;
        for (double const q : {0.0, 0.3, 1.0})
            BOOST_TEST(quantile(values, q) == latency_histogram::bound(i).count());
    }
}

BOOST_AUTO_TEST_CASE(what_is_beyond_all_bounds_has_no_bound)
{
    latency_histogram values;
    values.buckets.back() = 1;
    BOOST_TEST(quantile(values, 0) == beyond);
    values.buckets[0] = 1;
    BOOST_TEST(values.count() == 2u);
    BOOST_TEST(quantile(values, 0.5) == 1);
    BOOST_TEST(quantile(values, 0.51) == beyond);
}

BOOST_AUTO_TEST_CASE(a_share_outside_of_0_to_1_is_the_nearest)
{
    latency_histogram values;
    values.buckets[0] = 1;
    values.buckets[3] = 1;
    BOOST_TEST(quantile(values, -1) == 1);
    BOOST_TEST(quantile(values, 2) == 8);
    BOOST_TEST(quantile(values, std::numeric_limits<double>::infinity()) == 8);
    BOOST_TEST(quantile(values, std::numeric_limits<double>::quiet_NaN()) == 1);
}

BOOST_AUTO_TEST_SUITE_END()
