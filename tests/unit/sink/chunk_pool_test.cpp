#include <boost/test/unit_test.hpp>
#include <cstring>
#include <sink/chunk.hpp>
#include <sink/chunk_pool.hpp>
#include <thread>
#include <vector>

using namespace kusto;
using sink::chunk_pool;

namespace
{

constexpr std::size_t kib = 1024;
std::uint64_t const cost_16 = sink::chunk_cost(compression::zlib(1), 16 * kib);

std::shared_ptr<chunk_pool> make_pool(std::size_t most_idle)
{
    return std::make_shared<chunk_pool>(most_idle);
}

} // namespace

BOOST_AUTO_TEST_SUITE(chunk_pool_suite)

BOOST_AUTO_TEST_CASE(freed_memory_serves_again_if_its_size_is_right)
{
    auto const pool = make_pool(100 * kib);
    auto one = chunk_pool::take(pool, 16 * kib);
    auto two = chunk_pool::take(pool, 32 * kib);
    auto const* const first = one.data();
    auto const* const second = two.data();
    one.release();
    BOOST_TEST(one.data() == nullptr);
    BOOST_TEST(one.size() == 0u);
    BOOST_TEST(pool->idle_bytes() == 16 * kib);
    two.release();
    BOOST_TEST(pool->idle_bytes() == 48 * kib);

    auto const other = chunk_pool::take(pool, 20 * kib);
    BOOST_TEST(pool->idle_bytes() == 48 * kib);
    auto const again = chunk_pool::take(pool, 16 * kib);
    BOOST_TEST(again.data() == first);
    BOOST_TEST(again.size() == 16 * kib);
    auto const once_more = chunk_pool::take(pool, 32 * kib);
    BOOST_TEST(once_more.data() == second);
    BOOST_TEST(pool->idle_bytes() == 0u);
}

BOOST_AUTO_TEST_CASE(idle_memory_is_bounded_and_the_longest_idle_goes_first)
{
    auto const pool = make_pool(64 * kib);
    std::vector<chunk_pool::memory> all;
    for (std::size_t i = 1; i <= 4; ++i)
        all.push_back(chunk_pool::take(pool, i * 16 * kib));
    auto const* const last = all[1].data();
    all[0].release();
    all[2].release();
    BOOST_TEST(pool->idle_bytes() == 64 * kib);
    all[1].release(); // drives out both
    BOOST_TEST(pool->idle_bytes() == 32 * kib);
    BOOST_TEST(chunk_pool::take(pool, 32 * kib).data() == last);
    all[3].release(); // fits exactly
    BOOST_TEST(pool->idle_bytes() == 64 * kib);
    chunk_pool::take(pool, 65 * kib).release(); // never fits, and drives out nothing
    BOOST_TEST(pool->idle_bytes() == 64 * kib);
}

BOOST_AUTO_TEST_CASE(many_small_pieces_are_bounded_by_their_number)
{
    auto const pool = make_pool(1024 * kib);
    std::vector<chunk_pool::memory> all;
    for (int i = 0; i < 200; ++i)
        all.push_back(chunk_pool::take(pool, 100));
    all.clear();
    BOOST_TEST(pool->idle_bytes() <= 100u * 100u);
    BOOST_TEST(pool->idle_bytes() >= 10u * 100u);
}

BOOST_AUTO_TEST_CASE(memory_keeps_its_pool_alive)
{
    auto pool = make_pool(64 * kib);
    std::weak_ptr<chunk_pool> const seen = pool;
    auto one = chunk_pool::take(pool, kib);
    pool.reset();
    BOOST_TEST(!seen.expired());
    std::memset(one.data(), 1, one.size());
    one = chunk_pool::memory();
    BOOST_TEST(seen.expired());
}

BOOST_AUTO_TEST_CASE(a_chunk_that_is_moved_leaves_nothing_and_gives_back_both)
{
    auto const pool = make_pool(64 * kib);
    auto const budget = std::make_shared<async::byte_budget>(1 << 20);
    sink::chunk one(pool, 16 * kib, *budget->try_acquire(cost_16));
    one.append("text");
    auto two = one.take();
    BOOST_TEST(one.empty());
    BOOST_TEST(one.room() == 0u);
    BOOST_TEST(two.bytes().size() == 4u);
    BOOST_TEST(two.room() == 16 * kib - 4);
    {
        auto const share = two.dissolve();
        BOOST_TEST(share.amount() == cost_16);
        BOOST_TEST(pool->idle_bytes() == 16 * kib);
        BOOST_TEST(two.room() == 0u);
    }
    BOOST_TEST(budget->used() == 0u);
    {
        sink::chunk const three(pool, 16 * kib, *budget->try_acquire(1000));
        BOOST_TEST(three.empty());
        BOOST_TEST(pool->idle_bytes() == 0u);
    }
    BOOST_TEST(pool->idle_bytes() == 16 * kib);
    BOOST_TEST(budget->used() == 0u);
}

BOOST_AUTO_TEST_CASE(threads_share_a_pool)
{
    auto const pool = make_pool(64 * kib);
    std::vector<std::thread> threads;
    std::atomic<int> torn = 0;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back(
            [&, t]
            {
                for (int i = 0; i < 2000; ++i)
                {
                    auto const one = chunk_pool::take(pool, std::size_t(i % 3 + 1) * 16 * kib);
                    std::memset(one.data(), t, 64);
                    for (int at = 0; at < 64; ++at)
                        torn += one.data()[at] != std::byte(t);
                }
            });
    for (auto& each : threads)
        each.join();
    BOOST_TEST(torn == 0);
    BOOST_TEST(pool->idle_bytes() <= 64 * kib);
}

BOOST_AUTO_TEST_CASE(capacities_are_few)
{
    BOOST_TEST(sink::rounded_capacity(1) == 4 * kib);
    BOOST_TEST(sink::rounded_capacity(4 * kib) == 4 * kib);
    BOOST_TEST(sink::rounded_capacity(4 * kib + 1) == 8 * kib);
    BOOST_TEST(sink::rounded_capacity(16 * kib) == 16 * kib);
    BOOST_TEST(sink::rounded_capacity(16 * kib + 1) == 32 * kib);
    BOOST_TEST(sink::rounded_capacity(250 * kib) == 256 * kib);
}

BOOST_AUTO_TEST_SUITE_END()
