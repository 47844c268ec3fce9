#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <gzip/compressor.hpp>
#include <random>
#include <string>
#include <utility>
#include <zlib.h>

namespace
{

using kusto::gzip::compressor;
using block = compressor::block;
using bytes = std::vector<std::byte>;

std::span<std::byte const> as_bytes(std::string const& text)
{
    return std::as_bytes(std::span<char const>(text.data(), text.size()));
}

bytes joined(std::vector<block> const& blocks)
{
    bytes all;
    for (auto const& b : blocks)
        all.insert(all.end(), b.begin(), b.end());
    return all;
}

/// Inflates exactly one gzip member; fails if anything follows it.
std::string inflate_member(bytes const& compressed)
{
    z_stream stream{};
    BOOST_REQUIRE_EQUAL(inflateInit2(&stream, 15 + 16), Z_OK);
    auto input = compressed;
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    std::string text;
    char chunk[8192];
    int code = Z_OK;
    while (code == Z_OK)
    {
        stream.next_out = reinterpret_cast<Bytef*>(chunk);
        stream.avail_out = sizeof(chunk);
        code = inflate(&stream, Z_NO_FLUSH);
        text.append(chunk, sizeof(chunk) - stream.avail_out);
    }
    BOOST_TEST(code == Z_STREAM_END);
    BOOST_TEST(stream.avail_in == 0u);
    inflateEnd(&stream);
    return text;
}

std::string csv_like(std::size_t size, std::mt19937_64& random)
{
    std::string text;
    while (text.size() < size)
        text += std::to_string(random() % 100000) + ",host-" + std::to_string(random() % 7) +
                ",2026-01-01T00:00:00.0000000Z\n";
    text.resize(size);
    return text;
}

std::string noise(std::size_t size, std::mt19937_64& random)
{
    std::string text(size, '\0');
    for (auto& c : text)
        c = static_cast<char>(random());
    return text;
}

std::vector<block> compress_split(compressor& zip, std::string const& text, std::mt19937_64& random)
{
    std::vector<block> out;
    auto rest = as_bytes(text);
    while (!rest.empty())
    {
        auto const piece = (std::min)(rest.size(), std::size_t(random() % 5000));
        zip.add(rest.first(piece), out);
        rest = rest.subspan(piece);
    }
    zip.finish(out);
    return out;
}

void check_block_sizes(std::vector<block> const& blocks, std::size_t block_size)
{
    BOOST_REQUIRE(!blocks.empty());
    for (std::size_t i = 0; i + 1 < blocks.size(); ++i)
        BOOST_TEST(blocks[i].size() == block_size);
    BOOST_TEST(!blocks.back().empty());
    BOOST_TEST(blocks.back().size() <= block_size);
}

constexpr std::uint64_t seed = 20260101;

} // namespace

BOOST_AUTO_TEST_SUITE(gzip_compressor)

BOOST_AUTO_TEST_CASE(round_trips_any_size_block_size_and_split)
{
    BOOST_TEST_MESSAGE("seed " << seed);
    std::mt19937_64 random(seed);
    for (std::size_t const size : {0, 1, 100, 16384, 200'000, 1'500'000})
        for (std::size_t const block_size : {1, 7, 1000, 65536, 4 << 20})
        {
            if (block_size < 1000 && size > 20'000)
                continue;
            for (bool const compressible : {true, false})
            {
                auto const text = compressible ? csv_like(size, random) : noise(size, random);
                compressor zip(6, block_size);
                auto const blocks = compress_split(zip, text, random);
                BOOST_TEST_CONTEXT("size " << size << " block size " << block_size)
                {
                    check_block_sizes(blocks, block_size);
                    BOOST_TEST((inflate_member(joined(blocks)) == text));
                    BOOST_TEST(zip.raw_size() == size);
                }
            }
        }
}

BOOST_AUTO_TEST_CASE(output_does_not_depend_on_the_split)
{
    std::mt19937_64 random(seed);
    auto const text = csv_like(700'000, random);
    for (int const level : {1, 6, 9})
    {
        compressor once(level, 4096);
        std::vector<block> expected;
        once.add(as_bytes(text), expected);
        once.finish(expected);
        for (int i = 0; i < 3; ++i)
        {
            compressor again(level, 4096);
            BOOST_TEST((compress_split(again, text, random) == expected));
        }
        compressor other_blocks(level, 100'000);
        BOOST_TEST((joined(compress_split(other_blocks, text, random)) == joined(expected)));
    }
}

BOOST_AUTO_TEST_CASE(header_holds_no_time_and_no_operating_system)
{
    compressor zip(6, 1024);
    std::vector<block> out;
    zip.finish(out);
    auto const all = joined(out);
    BOOST_REQUIRE(all.size() >= 18u);
    unsigned char const head[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0};
    for (std::size_t i = 0; i < sizeof(head); ++i)
        BOOST_TEST(std::to_integer<int>(all[i]) == int(head[i]));
    BOOST_TEST(std::to_integer<int>(all[9]) == 255);
}

BOOST_AUTO_TEST_CASE(reset_begins_an_equal_member)
{
    std::mt19937_64 random(seed);
    auto const first = csv_like(300'000, random);
    auto const second = csv_like(120'000, random);
    compressor zip(6, 10'000);
    auto const expected = compress_split(zip, second, random);
    zip.reset();
    BOOST_TEST(zip.raw_size() == 0u);
    BOOST_TEST(zip.buffered() == 0u);
    (void)compress_split(zip, first, random);
    zip.reset();
    BOOST_TEST((compress_split(zip, second, random) == expected));
    BOOST_TEST(zip.raw_size() == second.size());
}

BOOST_AUTO_TEST_CASE(reset_in_the_middle_forgets_what_was_added)
{
    std::mt19937_64 random(seed);
    compressor zip(6, 1 << 20);
    std::vector<block> dropped;
    zip.add(as_bytes(noise(300'000, random)), dropped);
    BOOST_TEST(zip.buffered() > 0u);
    zip.reset();
    std::string const text = "only this\n";
    BOOST_TEST(inflate_member(joined(compress_split(zip, text, random))) == text);
}

BOOST_AUTO_TEST_CASE(small_batch_does_not_hold_a_full_block)
{
    compressor zip(6, 4 << 20);
    std::vector<block> out;
    std::string const text = "1,2,3\n";
    zip.add(as_bytes(text), out);
    zip.finish(out);
    BOOST_REQUIRE_EQUAL(out.size(), 1u);
    BOOST_TEST(out.front().capacity() <= 64u * 1024);
}

BOOST_AUTO_TEST_CASE(moves_in_the_middle_of_a_member)
{
    std::mt19937_64 random(seed);
    auto const text = csv_like(100'000, random);
    compressor first(6, 5000);
    std::vector<block> out;
    first.add(as_bytes(text).first(60'000), out);
    compressor second(std::move(first));
    second.add(as_bytes(text).subspan(60'000), out);
    compressor third(1, 1);
    third = std::move(second);
    third.finish(out);
    BOOST_TEST((inflate_member(joined(out)) == text));
    check_block_sizes(out, 5000);
}

BOOST_AUTO_TEST_CASE(bad_level_is_refused)
{
    BOOST_CHECK_THROW(compressor(10, 1024), std::logic_error);
}

BOOST_AUTO_TEST_SUITE_END()
