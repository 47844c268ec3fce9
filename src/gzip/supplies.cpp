#include <gzip/supplies.hpp>

#include <algorithm>
#include <bit>
#include <gzip/codec.hpp>
#include <stdexcept>
#include <utility>

namespace kusto::gzip
{

namespace
{

constexpr std::size_t page = 4096;
// Bounds the search for memory of a size.
constexpr std::size_t most_pieces = 256;

/// One of eight sizes between two powers of two, so that what comes back fits the next one.
std::size_t rounded(std::size_t size) noexcept
{
    auto const step = (std::max)(page, std::bit_floor((std::max)(size, std::size_t(1))) / 8);
    return (size + step - 1) / step * step;
}

std::unique_ptr<codec> make_codec(compression how)
{
    switch (how.codec())
    {
    case compression_codec::zlib:
        return make_zlib_codec(how.level());
    case compression_codec::igzip:
        return make_igzip_codec(how.level());
    case compression_codec::automatic:
        break;
    }
    throw std::logic_error("a compressor needs one codec");
}

} // namespace

block::block(block&& other) noexcept
    : home_(std::move(other.home_)),
      memory_(std::move(other.memory_)),
      capacity_(std::exchange(other.capacity_, 0)),
      size_(std::exchange(other.size_, 0))
{
}

block& block::operator=(block&& other) noexcept
{
    if (this != &other)
    {
        give_back();
        home_ = std::move(other.home_);
        memory_ = std::move(other.memory_);
        capacity_ = std::exchange(other.capacity_, 0);
        size_ = std::exchange(other.size_, 0);
    }
    return *this;
}

block::~block()
{
    give_back();
}

void block::give_back() noexcept
{
    if (home_ && memory_)
        home_->give_back(capacity_, std::move(memory_));
}

supplies::supplies(std::size_t block_bytes, std::size_t codecs)
    : memory_(block_bytes, most_pieces),
      codecs_(codecs, codecs)
{
}

supplies::~supplies() = default;

block supplies::take_block(std::size_t capacity)
{
    auto const wanted = rounded(capacity);
    block out;
    out.home_ = shared_from_this();
    out.capacity_ = wanted;
    auto const fits = [&](auto const&, std::size_t size)
    {
        bool const good = size >= wanted && size <= wanted + wanted / 8;
        if (good)
            out.capacity_ = size;
        return good;
    };
    if (auto idle = memory_.take(fits))
        out.memory_ = std::move(*idle);
    else
        out.memory_ = base::allocate_raw(wanted);
    return out;
}

void supplies::give_back(std::size_t capacity, base::raw_memory memory) noexcept
{
    memory_.give(std::move(memory), capacity);
}

std::unique_ptr<codec> supplies::take_codec(compression how)
{
    auto idle = codecs_.take([&](idle_codec const& one, std::size_t) { return one.how == how; });
    if (!idle)
        return make_codec(how);
    idle->one->reset();
    return std::move(idle->one);
}

void supplies::give_back(compression how, std::unique_ptr<codec> one) noexcept
{
    codecs_.give(idle_codec{how, std::move(one)}, 1);
}

void supplies::close() noexcept
{
    memory_.close();
    codecs_.close();
}

} // namespace kusto::gzip
