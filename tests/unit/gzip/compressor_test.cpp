#include "inflate.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <gzip/worst_size.hpp>
#include <stdexcept>
#include <utility>

using namespace kusto;
using namespace kusto::test;
using gzip::compressor;
using gzip::block;
using gzip::make_compressor;

namespace
{

constexpr std::uint64_t seed = 20260101;

/// One codec of each kind, for what does not depend on the level.
std::vector<compression> some_codecs()
{
    std::vector<compression> some{compression::zlib(6)};
    if (compression::igzip_available())
    {
        some.push_back(compression::igzip(0));
        some.push_back(compression::igzip(1));
        some.push_back(compression::igzip(3));
    }
    return some;
}

void check_block_sizes(std::vector<block> const& blocks, std::size_t block_size)
{
    BOOST_REQUIRE(!blocks.empty());
    for (std::size_t i = 0; i + 1 < blocks.size(); ++i)
        BOOST_TEST(blocks[i].size() == block_size);
    BOOST_TEST(!blocks.back().empty());
    BOOST_TEST(blocks.back().size() <= block_size);
}

void check_round_trip(compression how, std::string const& text, std::size_t block_size,
                      std::size_t longest, std::mt19937_64& random)
{
    BOOST_TEST_CONTEXT(how.to_string() << ", " << text.size() << " bytes, blocks of " << block_size
                                       << ", pieces up to " << longest)
    {
        auto zip = make_compressor(how, block_size);
        auto const blocks = compress_split(zip, text, random, longest);
        check_block_sizes(blocks, block_size);
        BOOST_TEST((inflate_member(joined(blocks)) == text));
        BOOST_TEST(zip.raw_size() == text.size());
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(gzip_compressor)

BOOST_AUTO_TEST_CASE(round_trips_any_codec_size_block_size_and_split)
{
    BOOST_TEST_MESSAGE("seed " << seed);
    std::mt19937_64 random(seed);
    for (auto const how : all_codecs())
        for (std::size_t const size : {0, 1, 100, 16384, 200'000, 700'000})
            for (std::size_t const block_size : {1, 7, 1000, 65536, 4 << 20})
            {
                if (block_size < 1000 && size > 20'000)
                    continue;
                check_round_trip(how, log_like(size, random), block_size, 5000, random);
                check_round_trip(how, noise(size, random), block_size, 5000, random);
                check_round_trip(how, std::string(size, 'a'), block_size, 5000, random);
                check_round_trip(how, log_like(size, random), block_size, 300'000, random);
            }
}

BOOST_AUTO_TEST_CASE(round_trips_what_changes_its_nature_on_the_way)
{
    std::mt19937_64 random(seed);
    for (auto const how : all_codecs())
    {
        std::string text;
        while (text.size() < 600'000)
        {
            text += noise(random() % 3000, random);
            text += log_like(random() % 3000, random);
            text += std::string(random() % 3000, char('a' + random() % 26));
        }
        for (std::size_t const longest : {1u, 17u, 4096u, 1u << 20})
            check_round_trip(how, text.substr(0, longest == 1 ? 50'000 : text.size()), 8192, longest,
                             random);
    }
}

BOOST_AUTO_TEST_CASE(round_trips_thirty_megabytes_of_a_log)
{
    std::mt19937_64 random(seed);
    auto const text = log_like(30'000'000, random);
    for (auto const how : some_codecs())
        check_round_trip(how, text, 4 << 20, 1 << 20, random);
}

BOOST_AUTO_TEST_CASE(a_faster_codec_still_compresses)
{
    std::mt19937_64 random(seed);
    auto const text = log_like(2'000'000, random);
    for (auto const how : all_codecs())
    {
        auto zip = make_compressor(how, 1 << 20);
        BOOST_TEST(joined(compress_split(zip, text, random, 300'000)).size() < text.size() / 3);
    }
}

BOOST_AUTO_TEST_CASE(output_of_zlib_does_not_depend_on_the_split)
{
    std::mt19937_64 random(seed);
    auto const text = log_like(700'000, random);
    for (int const level : {1, 6, 9})
    {
        auto once = make_compressor(compression::zlib(level), 4096);
        std::vector<block> expected;
        once.add(as_bytes(text), expected);
        once.finish(expected);
        for (int i = 0; i < 3; ++i)
        {
            auto again = make_compressor(compression::zlib(level), 4096);
            BOOST_TEST((joined(compress_split(again, text, random)) == joined(expected)));
        }
        auto other_blocks = make_compressor(compression::zlib(level), 100'000);
        BOOST_TEST((joined(compress_split(other_blocks, text, random)) == joined(expected)));
    }
}

BOOST_AUTO_TEST_CASE(header_holds_no_time_and_no_operating_system)
{
    for (auto const how : some_codecs())
    {
        auto zip = make_compressor(how, 1024);
        std::vector<block> out;
        zip.finish(out);
        auto const all = joined(out);
        BOOST_REQUIRE(all.size() >= 18u);
        unsigned char const head[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0};
        for (std::size_t i = 0; i < sizeof(head); ++i)
            BOOST_TEST(std::to_integer<int>(all[i]) == int(head[i]));
        BOOST_TEST(std::to_integer<int>(all[9]) == 255);
    }
}

BOOST_AUTO_TEST_CASE(reset_begins_an_equal_member)
{
    for (auto const how : all_codecs())
        BOOST_TEST_CONTEXT(how.to_string())
        {
            std::mt19937_64 random(seed);
            auto const first = log_like(300'000, random);
            auto const second = log_like(120'000, random);
            auto const pieces = [] { return std::mt19937_64(seed + 1); };
            auto zip = make_compressor(how, 10'000);
            auto splits = pieces();
            auto const expected = joined(compress_split(zip, second, splits));
            zip.reset();
            BOOST_TEST(zip.raw_size() == 0u);
            BOOST_TEST(zip.buffered() == 0u);
            (void)compress_split(zip, first, random);
            zip.reset();
            splits = pieces();
            BOOST_TEST((joined(compress_split(zip, second, splits)) == expected));
            BOOST_TEST(zip.raw_size() == second.size());
        }
}

BOOST_AUTO_TEST_CASE(reset_in_the_middle_forgets_what_was_added)
{
    for (auto const how : all_codecs())
        BOOST_TEST_CONTEXT(how.to_string())
        {
            std::mt19937_64 random(seed);
            auto zip = make_compressor(how, 1 << 20);
            std::vector<block> dropped;
            zip.add(as_bytes(noise(300'000, random)), dropped);
            BOOST_TEST(zip.buffered() > 0u);
            zip.reset();
            std::string const text = "only this\n";
            BOOST_TEST(inflate_member(joined(compress_split(zip, text, random))) == text);
        }
}

// The budget relies on it.
BOOST_AUTO_TEST_CASE(no_more_comes_out_than_was_said_to_be_held_back)
{
    std::mt19937_64 random(seed);
    for (auto const how : all_codecs())
        for (int kind = 0; kind < 3; ++kind)
            for (int i = 0; i < 12; ++i)
                BOOST_TEST_CONTEXT(how.to_string() << ", kind " << kind)
                {
                    auto const size = random() % 400'000;
                    auto const text = kind == 0   ? noise(size, random)
                                      : kind == 1 ? log_like(size, random)
                                                  : std::string(size, 'a');
                    auto zip = make_compressor(how, 1 << 24);
                    std::vector<block> out;
                    zip.add(as_bytes(text), out);
                    auto const known = zip.buffered();
                    auto const most = zip.held_back();
                    zip.finish(out);
                    BOOST_TEST(joined(out).size() <= known + most);
                }
}

namespace
{

std::string some_of(std::string const& choice, std::size_t size, std::mt19937_64& random)
{
    std::string text(size, '\0');
    for (auto& c : text)
        c = choice[random() % choice.size()];
    return text;
}

std::size_t compressed_size(compression how, std::string const& text)
{
    auto zip = make_compressor(how, 1 << 24);
    std::vector<block> out;
    zip.add(as_bytes(text), out);
    zip.finish(out);
    return joined(out).size();
}

/// The bytes that igzip 0 has its longest codes for, found by what each costs between noise.
std::string costly_bytes(std::mt19937_64& random)
{
    constexpr std::size_t times = 3000;
    std::vector<std::size_t> costs;
    for (int value = 0; value < 256; ++value)
    {
        auto text = noise(times * 3, random);
        for (std::size_t i = 0; i < text.size(); i += 3)
            text[i] = static_cast<char>(value);
        costs.push_back(compressed_size(compression::igzip(0), text));
    }
    auto const most = *std::max_element(costs.begin(), costs.end());
    std::string out;
    for (int value = 0; value < 256; ++value)
        if (costs[static_cast<std::size_t>(value)] + times / 16 > most)
            out += static_cast<char>(value);
    return out;
}

} // namespace

// The budget relies on it too.
BOOST_AUTO_TEST_CASE(nothing_becomes_larger_than_the_worst_size)
{
    std::mt19937_64 random(seed);
    auto const every = noise(4096, random);
    auto const costly = compression::igzip_available() ? costly_bytes(random) : every;
    for (auto const& choice :
         {every, std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"),
          costly, costly.substr(0, 5), costly.substr(0, 2), std::string("a")})
        for (std::size_t const size : {0u, 1u, 7u, 100u, 500u, 4096u, 16384u, 70'000u, 300'000u})
            for (auto const how : all_codecs())
                BOOST_TEST_CONTEXT(how.to_string() << ", " << choice.size() << " values, " << size)
                    BOOST_TEST(compressed_size(how, some_of(choice, size, random)) <=
                               gzip::worst_size(how, size));
}

BOOST_AUTO_TEST_CASE(the_worst_size_of_igzip_0_is_come_near_to)
{
    if (!compression::igzip_available())
        return;
    std::mt19937_64 random(seed);
    auto const text = some_of(costly_bytes(random), 1'000'000, random);
    auto const least_effort = compression::igzip(0);
    BOOST_TEST(compressed_size(least_effort, text) >
               gzip::worst_size(least_effort, text.size()) * 99 / 100);
}

BOOST_AUTO_TEST_CASE(small_batch_does_not_hold_a_full_block)
{
    for (auto const how : some_codecs())
    {
        auto zip = make_compressor(how, 4 << 20);
        std::vector<block> out;
        std::string const text = "1,2,3\n";
        zip.add(as_bytes(text), out);
        zip.finish(out);
        BOOST_REQUIRE_EQUAL(out.size(), 1u);
        BOOST_TEST(out.front().capacity() <= 64u * 1024);
    }
}

BOOST_AUTO_TEST_CASE(moves_in_the_middle_of_a_member)
{
    for (auto const how : some_codecs())
    {
        std::mt19937_64 random(seed);
        auto const text = log_like(100'000, random);
        auto first = make_compressor(how, 5000);
        std::vector<block> out;
        first.add(as_bytes(text).first(60'000), out);
        compressor second(std::move(first));
        second.add(as_bytes(text).subspan(60'000), out);
        auto third = make_compressor(compression::zlib(1), 1);
        third = std::move(second);
        third.finish(out);
        BOOST_TEST((inflate_member(joined(out)) == text));
        check_block_sizes(out, 5000);
    }
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_refused)
{
    for (auto const how : {compression::zlib(0), compression::zlib(10), compression::igzip(-1),
                           compression::igzip(4), compression::automatic()})
        BOOST_CHECK_THROW(make_compressor(how, 1024), std::logic_error);
    if (!compression::igzip_available())
        BOOST_CHECK_THROW(make_compressor(compression::igzip(1), 1024), std::logic_error);
}

BOOST_AUTO_TEST_CASE(standard_is_the_fast_codec_where_it_is)
{
    auto const expected =
        compression::igzip_available() ? compression::igzip(1) : compression::zlib(6);
    BOOST_TEST((compression::standard() == expected));
}

BOOST_AUTO_TEST_SUITE_END()
