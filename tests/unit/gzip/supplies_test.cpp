#include "inflate.hpp"

#include <boost/test/unit_test.hpp>
#include <gzip/codec.hpp>
#include <gzip/supplies.hpp>
#include <thread>
#include <utility>

using namespace kusto;
using namespace kusto::test;
using gzip::block;
using gzip::compressor;
using gzip::supplies;

namespace
{

constexpr std::uint64_t seed = 20260101;

std::vector<block> compress(std::shared_ptr<supplies> const& from, compression how,
                            std::string const& text, std::size_t block_size = 4 << 20)
{
    compressor zip(how, block_size, from);
    std::vector<block> out;
    zip.add(as_bytes(text), out);
    zip.finish(out);
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(gzip_supplies)

BOOST_AUTO_TEST_CASE(a_block_is_as_large_as_asked_for_and_little_larger)
{
    auto const from = std::make_shared<supplies>(64u << 20, 4);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 2000; ++i)
    {
        auto const wanted = 1 + random() % (1u << (4 + random() % 20));
        auto const one = from->take_block(wanted);
        BOOST_TEST_REQUIRE(one.capacity() >= wanted);
        BOOST_TEST_REQUIRE(one.capacity() <= wanted + wanted / 3 + 4096);
        BOOST_TEST_REQUIRE(one.empty());
    }
}

BOOST_AUTO_TEST_CASE(memory_is_used_again)
{
    auto const from = std::make_shared<supplies>(1u << 20, 4);
    auto one = from->take_block(100'000);
    auto const* const where = one.data();
    one.filled(10);
    BOOST_TEST(from->idle_bytes() == 0u);
    auto const capacity = one.capacity();
    one = block();
    BOOST_TEST(from->idle_bytes() == capacity);
    auto const again = from->take_block(99'000);
    BOOST_TEST((again.data() == where));
    BOOST_TEST(again.empty());
    BOOST_TEST(from->idle_bytes() == 0u);
}

BOOST_AUTO_TEST_CASE(memory_of_another_size_is_not_used)
{
    auto const from = std::make_shared<supplies>(16u << 20, 4);
    (void)from->take_block(4u << 20);
    auto const small = from->take_block(64u << 10);
    BOOST_TEST(small.capacity() == 64u << 10);
    BOOST_TEST(from->idle_bytes() == 4u << 20);
}

BOOST_AUTO_TEST_CASE(idle_memory_is_bounded_and_the_oldest_goes)
{
    auto const from = std::make_shared<supplies>(1u << 20, 4);
    {
        std::vector<block> many;
        for (int i = 0; i < 100; ++i)
            many.push_back(from->take_block(32u << 10));
    }
    BOOST_TEST(from->idle_bytes() == 1u << 20);
    // Sizes that nobody asks for any more make way.
    for (int i = 0; i < 4; ++i)
        (void)from->take_block(256u << 10);
    BOOST_TEST(from->idle_bytes() == 1u << 20);
    std::vector<block> large;
    large.push_back(from->take_block(256u << 10));
    BOOST_TEST(from->idle_bytes() == (1u << 20) - (256u << 10));
    large.push_back(from->take_block(2u << 20));
    large.clear();
    BOOST_TEST(from->idle_bytes() <= 1u << 20);
}

BOOST_AUTO_TEST_CASE(many_small_pieces_are_bounded_too)
{
    auto const from = std::make_shared<supplies>(64u << 20, 4);
    {
        std::vector<block> many;
        for (int i = 0; i < 1000; ++i)
            many.push_back(from->take_block(1));
    }
    BOOST_TEST(from->idle_bytes() == 256u * 4096);
}

BOOST_AUTO_TEST_CASE(blocks_outlive_whoever_made_the_supplies)
{
    auto from = std::make_shared<supplies>(1u << 20, 4);
    auto one = from->take_block(1000);
    from.reset();
    one.filled(1000);
    block const moved = std::move(one);
    BOOST_TEST(moved.size() == 1000u);
    BOOST_TEST(one.empty());
}

BOOST_AUTO_TEST_CASE(a_codec_is_used_again_and_begins_anew)
{
    auto const from = std::make_shared<supplies>(1u << 20, 4);
    std::mt19937_64 random(seed);
    auto const text = log_like(300'000, random);
    for (auto const how : all_codecs())
        BOOST_TEST_CONTEXT(how.to_string())
        {
            auto const expected = joined(compress(from, how, text));
            {
                compressor abandoned(how, 4 << 20, from);
                std::vector<block> out;
                abandoned.add(as_bytes(noise(100'000, random)), out);
            }
            BOOST_TEST((joined(compress(from, how, text)) == expected));
            BOOST_TEST(inflate_member(expected) == text);
        }
}

BOOST_AUTO_TEST_CASE(idle_codecs_are_bounded_and_kept_apart)
{
    auto const from = std::make_shared<supplies>(0, 2);
    auto one = from->take_codec(compression::zlib(1));
    auto two = from->take_codec(compression::zlib(1));
    auto three = from->take_codec(compression::zlib(9));
    auto const* const kept = three.get();
    from->give_back(compression::zlib(1), std::move(one));
    from->give_back(compression::zlib(1), std::move(two));
    BOOST_TEST(from->idle_codecs() == 2u);
    from->give_back(compression::zlib(9), std::move(three));
    BOOST_TEST(from->idle_codecs() == 2u);
    BOOST_TEST((from->take_codec(compression::zlib(9)).get() == kept));
    BOOST_TEST(from->idle_codecs() == 1u);
    (void)from->take_codec(compression::zlib(5));
    BOOST_TEST(from->idle_codecs() == 1u);
}

BOOST_AUTO_TEST_CASE(equal_batches_need_no_new_memory)
{
    auto const from = std::make_shared<supplies>(1u << 20, 4);
    std::mt19937_64 random(seed);
    auto const text = log_like(240'000, random);
    std::byte const* where = nullptr;
    for (int i = 0; i < 5; ++i)
    {
        auto const blocks = compress(from, compression::zlib(6), text);
        BOOST_REQUIRE_EQUAL(blocks.size(), 1u);
        BOOST_TEST(blocks.front().capacity() <= blocks.front().size() * 5 / 4 + 4096);
        if (i >= 2)
            BOOST_TEST((blocks.front().data() == where));
        where = blocks.front().data();
    }
}

BOOST_AUTO_TEST_CASE(a_small_batch_after_large_ones_keeps_little)
{
    auto const from = std::make_shared<supplies>(16u << 20, 4);
    std::mt19937_64 random(seed);
    (void)compress(from, compression::zlib(1), noise(5u << 20, random));
    BOOST_TEST(from->usual_size() == 4u << 20);
    auto const small = compress(from, compression::zlib(1), "1,2,3\n");
    BOOST_TEST(small.front().capacity() <= 4096u);
    BOOST_TEST(from->usual_size() < 100u);
}

BOOST_AUTO_TEST_CASE(threads_share_supplies)
{
    auto const from = std::make_shared<supplies>(1u << 20, 4);
    std::vector<std::thread> threads;
    for (std::uint64_t t = 0; t < 4; ++t)
        threads.emplace_back(
            [&, t]
            {
                std::mt19937_64 random(seed + t);
                std::vector<block> kept;
                for (int i = 0; i < 200; ++i)
                {
                    auto blocks =
                        compress(from, compression::zlib(1), log_like(random() % 50'000, random));
                    for (auto& one : blocks)
                        kept.push_back(std::move(one));
                    if (kept.size() > 5)
                        kept.erase(kept.begin(), kept.begin() + 3);
                }
            });
    for (auto& one : threads)
        one.join();
    BOOST_TEST(from->idle_bytes() <= 1u << 20);
    BOOST_TEST(from->idle_codecs() <= 4u);
}

BOOST_AUTO_TEST_SUITE_END()
