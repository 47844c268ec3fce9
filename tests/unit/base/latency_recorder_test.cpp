#include <base/latency_recorder.hpp>
#include <boost/test/unit_test.hpp>
#include <limits>
#include <numeric>
#include <thread>
#include <vector>

using namespace kusto;
using namespace std::chrono_literals;
using duration = std::chrono::steady_clock::duration;

namespace
{

/// Index of the only bucket that holds the value; the number of buckets if that is not so.
std::size_t bucket_for(duration value)
{
    base::latency_recorder recorder;
    recorder.record(value);
    auto const seen = recorder.snapshot();
    std::size_t index = seen.buckets.size();
    for (std::size_t i = 0; i < seen.buckets.size(); ++i)
    {
        if (seen.buckets[i] == 0)
            continue;
        if (index != seen.buckets.size() || seen.buckets[i] != 1)
            return seen.buckets.size();
        index = i;
    }
    return index;
}

} // namespace

BOOST_AUTO_TEST_SUITE(latency_recorder_test)

BOOST_AUTO_TEST_CASE(bounds_are_inclusive)
{
    for (std::size_t i = 0; i < latency_histogram::bounded_buckets; ++i)
    {
        BOOST_TEST(bucket_for(latency_histogram::bound(i)) == i);
        BOOST_TEST(bucket_for(latency_histogram::bound(i) + 1ns) == i + 1);
    }
}

BOOST_AUTO_TEST_CASE(small_and_negative_durations_are_in_the_first_bucket)
{
    for (auto const value : {duration(0), duration(1ns), duration(1us), duration(-1ns),
                             duration(-1h), duration::min()})
        BOOST_TEST(bucket_for(value) == 0u, value.count());
}

BOOST_AUTO_TEST_CASE(what_is_beyond_all_bounds_is_in_the_last_bucket)
{
    auto const last = latency_histogram::bucket_count - 1;
    BOOST_TEST(bucket_for(10h) == last);
    BOOST_TEST(bucket_for(24h * 365) == last);
    BOOST_TEST(bucket_for(duration::max()) == last);
}

BOOST_AUTO_TEST_CASE(the_sum_keeps_what_is_less_than_a_microsecond)
{
    base::latency_recorder recorder;
    for (int i = 0; i < 10; ++i)
        recorder.record(250ns);
    recorder.record(3us);
    recorder.record(-5s);
    BOOST_TEST((recorder.snapshot().sum == 5us));
    BOOST_TEST(recorder.snapshot().buckets[0] == 11u);
    BOOST_TEST(recorder.snapshot().buckets[2] == 1u);
}

BOOST_AUTO_TEST_CASE(nothing_is_lost_between_threads)
{
    constexpr int threads = 4;
    constexpr int values = 10'000;
    base::latency_recorder recorder;
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i)
        running.emplace_back(
            [&]
            {
                for (int n = 0; n < values; ++n)
                    recorder.record(std::chrono::microseconds(n % 8 + 1));
            });
    for (auto& one : running)
        one.join();
    auto const seen = recorder.snapshot();
    auto const all = std::accumulate(seen.buckets.begin(), seen.buckets.end(), std::uint64_t(0));
    BOOST_TEST(all == std::uint64_t(threads) * values);
    BOOST_TEST(seen.sum.count() == threads * values / 8 * 36); // 1 + ... + 8
}

BOOST_AUTO_TEST_SUITE_END()
