#include "inflate.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <zlib.h>

namespace kusto::test
{

std::span<std::byte const> as_bytes(std::string const& text)
{
    return std::as_bytes(std::span<char const>(text.data(), text.size()));
}

bytes joined(std::vector<gzip::block> const& blocks)
{
    bytes all;
    for (auto const& b : blocks)
        all.insert(all.end(), b.begin(), b.end());
    return all;
}

std::string inflate_member(bytes const& compressed)
{
    z_stream stream{};
    BOOST_REQUIRE_EQUAL(inflateInit2(&stream, 15 + 16), Z_OK);
    auto input = compressed;
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    std::string text;
    std::vector<char> chunk(1 << 18);
    int code = Z_OK;
    while (code == Z_OK)
    {
        stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
        stream.avail_out = static_cast<uInt>(chunk.size());
        code = inflate(&stream, Z_NO_FLUSH);
        text.append(chunk.data(), chunk.size() - stream.avail_out);
    }
    BOOST_TEST(code == Z_STREAM_END);
    BOOST_TEST(stream.avail_in == 0u);
    inflateEnd(&stream);
    return text;
}

std::string log_like(std::size_t size, std::mt19937_64& random)
{
    static char const* const words[] = {"request", "completed", "cache", "miss", "user", "session"};
    std::string text;
    text.reserve(size + 200);
    while (text.size() < size)
    {
        text += "2026-01-01T00:00:" + std::to_string(random() % 60) + ".0000000Z,host-" +
                std::to_string(random() % 7) + "," + std::to_string(random() % 100000) + ",";
        for (int i = 0; i < 5; ++i)
            text.append(words[random() % 6]).push_back(' ');
        text.push_back('\n');
    }
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

std::vector<gzip::block> compress_split(gzip::compressor& zip, std::string const& text,
                                                    std::mt19937_64& random, std::size_t longest)
{
    std::vector<gzip::block> out;
    auto rest = as_bytes(text);
    while (!rest.empty())
    {
        auto const piece = (std::min)(rest.size(), std::size_t(random() % (longest + 1)));
        zip.add(rest.first(piece), out);
        rest = rest.subspan(piece);
    }
    zip.finish(out);
    return out;
}

std::vector<compression> all_codecs()
{
    std::vector<compression> all;
    for (int level = 1; level <= 9; ++level)
        all.push_back(compression::zlib(level));
    if (compression::igzip_available())
        for (int level = 0; level <= 3; ++level)
            all.push_back(compression::igzip(level));
    return all;
}

} // namespace kusto::test
