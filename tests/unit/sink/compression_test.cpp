#include "fake_channel.hpp"

#include <array>
#include <async/byte_budget.hpp>
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <random>
#include <sink/compression.hpp>
#include <string>

using namespace kusto;
using namespace kusto::test;

namespace
{

constexpr std::uint64_t seed = 7;
constexpr std::size_t chunk_size = 256u << 10;

std::string noise(std::size_t size, std::mt19937_64& random)
{
    std::string text(size, '\0');
    for (auto& c : text)
        c = static_cast<char>(random());
    return text;
}

std::string letters(std::size_t size, std::mt19937_64& random)
{
    static constexpr std::string_view all =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string text(size, '\0');
    for (auto& c : text)
        c = all[random() % all.size()];
    return text;
}

std::string high_bytes(std::size_t size, std::mt19937_64& random)
{
    auto text = noise(size, random);
    for (auto& c : text)
        c = static_cast<char>(c | '\x80');
    return text;
}

std::string words(std::size_t size, std::mt19937_64& random)
{
    std::string text;
    while (text.size() < size)
        text += "word-" + std::to_string(random() % 5000) + ",";
    text.resize(size);
    return text;
}

/// A budget, and one batch that is compressed within it.
class workplace
{
public:
    workplace(compression how, std::size_t block_size)
        : cost(sink::chunk_cost(how, chunk_size)),
          batch_(how, block_size, from, stopping)
    {
    }

    std::vector<sink::chunk> pieces(std::string const& text)
    {
        std::vector<sink::chunk> out;
        for (std::size_t i = 0; i < text.size(); i += chunk_size)
        {
            out.emplace_back(chunks, chunk_size, *budget->try_acquire(cost));
            out.back().append(std::string_view(text).substr(i, chunk_size));
        }
        return out;
    }

    void run(std::string const& text, bool last)
    {
        for (auto& one : batch_.run(pieces(text), last))
            blocks.push_back(std::move(one));
    }

    std::string content() const
    {
        std::string all;
        for (auto const& one : blocks)
            all.append(reinterpret_cast<char const*>(one.data()), one.size());
        return all;
    }
    std::uint64_t memory() const
    {
        std::uint64_t sum = 0;
        for (auto const& one : blocks)
            sum += one.capacity();
        return sum;
    }

    std::uint64_t const cost; ///< of a chunk
    std::shared_ptr<async::byte_budget> const budget =
        std::make_shared<async::byte_budget>(1u << 30);
    std::shared_ptr<sink::chunk_pool> const chunks = std::make_shared<sink::chunk_pool>(4u << 20);
    std::shared_ptr<gzip::supplies> const from = std::make_shared<gzip::supplies>(16u << 20, 4);
    std::shared_ptr<std::atomic<bool>> const stopping = std::make_shared<std::atomic<bool>>(false);
    std::vector<gzip::block> blocks;

    sink::batch_compressor& batch() { return batch_; }

private:
    sink::batch_compressor batch_;
};

std::vector<compression> codecs()
{
    std::vector<compression> all{compression::zlib(1), compression::zlib(9)};
    if (compression::igzip_available())
    {
        all.push_back(compression::igzip(0));
        all.push_back(compression::igzip(1));
        all.push_back(compression::igzip(3));
    }
    return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(batch_compression)

BOOST_AUTO_TEST_CASE(a_complete_batch_holds_a_share_for_the_memory_of_its_blocks)
{
    std::mt19937_64 random(seed);
    for (auto const how : codecs())
        for (std::size_t const size : {1u, 5'000u, 200'000u, 3'000'000u, 20'000'000u})
            BOOST_TEST_CONTEXT(how.to_string() << ", " << size)
            {
                auto const text = words(size, random);
                workplace at(how, 1u << 20);
                at.run(text.substr(0, size / 2), false);
                at.run(text.substr(size / 2), true);
                BOOST_TEST((gunzip(at.content()) == text));
                BOOST_TEST(at.batch().produced() == at.content().size());
                BOOST_TEST(at.budget->used() == at.memory());
                BOOST_TEST(at.memory() <= at.content().size() * 5 / 4 + 4096);
            }
}

BOOST_AUTO_TEST_CASE(an_incomplete_batch_keeps_a_share_for_what_is_held_back)
{
    std::mt19937_64 random(seed);
    for (auto const how : codecs())
        BOOST_TEST_CONTEXT(how.to_string())
        {
            workplace at(how, 1u << 20);
            at.run(words(2'000'000, random), false);
            auto const share = at.budget->used();
            BOOST_TEST(share >= at.memory());
            BOOST_TEST(share < 1'500'000u);
            at.run("", true);
            BOOST_TEST(at.budget->used() <= share);
        }
}

// Otherwise a full budget could not be compressed.
BOOST_AUTO_TEST_CASE(compressing_never_needs_more_than_the_raw_bytes_had)
{
    std::mt19937_64 random(seed);
    std::array const contents{noise, words, letters, high_bytes};
    for (auto const how : codecs())
        for (auto const block_size : {64u << 10, 4u << 20})
            BOOST_TEST_CONTEXT(how.to_string() << ", blocks of " << block_size)
            {
                workplace at(how, block_size);
                std::string all;
                for (std::size_t i = 0; i < 16; ++i)
                {
                    auto const size = 1 + random() % 900'000;
                    auto const text = contents[i % contents.size()](size, random);
                    auto const taken =
                        at.budget->used() + at.cost * ((size + chunk_size - 1) / chunk_size);
                    at.run(text, i == 15);
                    all += text;
                    BOOST_TEST(at.budget->used() <= taken);
                }
                BOOST_TEST(at.budget->used() >= at.content().size());
                BOOST_TEST((gunzip(at.content()) == all));
            }
}

BOOST_AUTO_TEST_CASE(full_chunks_of_any_content_are_paid_for)
{
    std::mt19937_64 random(seed);
    for (auto const how : codecs())
        for (auto const content : {noise, words, letters, high_bytes})
            BOOST_TEST_CONTEXT(how.to_string())
            {
                workplace at(how, 1u << 20);
                at.run(content(8 * chunk_size, random), true);
                BOOST_TEST(at.content().size() <= 8 * at.cost);
                BOOST_TEST(at.budget->used() >= at.content().size());
                BOOST_TEST(at.budget->peak() == 8 * at.cost);
            }
}

BOOST_AUTO_TEST_CASE(the_share_goes_with_the_batch)
{
    std::mt19937_64 random(seed);
    workplace at(compression::zlib(1), 1u << 20);
    at.run(words(2'000'000, random), false);
    BOOST_TEST(at.budget->used() != 0u);
    at.batch() = sink::batch_compressor(compression::zlib(1), 1, at.from, at.stopping);
    BOOST_TEST(at.budget->used() == 0u);
    BOOST_TEST(at.from->idle_codecs() == 1u);
}

BOOST_AUTO_TEST_CASE(a_stopped_batch_frees_its_pieces)
{
    std::mt19937_64 random(seed);
    workplace at(compression::zlib(9), 1u << 20);
    at.stopping->store(true);
    at.run(words(8'000'000, random), true);
    BOOST_TEST(at.budget->used() < 100'000u);
    BOOST_TEST(at.content().size() < 1000u);
}

BOOST_AUTO_TEST_CASE(idle_memory_serves_the_next_batch)
{
    std::mt19937_64 random(seed);
    auto const text = words(240'000, random);
    auto const chunks = std::make_shared<sink::chunk_pool>(0);
    auto const from = std::make_shared<gzip::supplies>(1u << 20, 2);
    auto const stopping = std::make_shared<std::atomic<bool>>(false);
    auto const budget = std::make_shared<async::byte_budget>(1u << 30);
    std::byte const* where = nullptr;
    for (int i = 0; i < 4; ++i)
    {
        sink::batch_compressor batch(compression::standard(), 4u << 20, from, stopping);
        std::vector<sink::chunk> pieces;
        auto const cost = sink::chunk_cost(compression::standard(), chunk_size);
        pieces.emplace_back(chunks, chunk_size, *budget->try_acquire(cost));
        pieces.back().append(text);
        auto const blocks = batch.run(std::move(pieces), true);
        BOOST_TEST(from->idle_codecs() == 1u);
        if (i >= 2)
            BOOST_TEST((blocks.front().data() == where));
        where = blocks.front().data();
    }
    BOOST_TEST(budget->used() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
