#include <gzip/supplies.hpp>

#include <algorithm>
#include <bit>
#include <gzip/codec.hpp>
#include <iterator>
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
    : most_bytes_(block_bytes),
      most_codecs_(codecs)
{
    // So that giving back allocates nothing, and cannot fail.
    memory_.reserve(most_pieces + 1);
    codecs_.reserve(most_codecs_ + 1);
}

supplies::~supplies() = default;

block supplies::take_block(std::size_t capacity)
{
    auto const wanted = rounded(capacity);
    block out;
    out.home_ = shared_from_this();
    {
        std::lock_guard const lock(mutex_);
        auto const fits = [&](idle_memory const& one)
        { return one.capacity >= wanted && one.capacity <= wanted + wanted / 8; };
        auto const found = std::find_if(memory_.rbegin(), memory_.rend(), fits);
        if (found != memory_.rend())
        {
            out.capacity_ = found->capacity;
            out.memory_ = std::move(found->memory);
            memory_bytes_ -= out.capacity_;
            memory_.erase(std::next(found).base());
            return out;
        }
    }
    out.memory_.reset(new std::byte[wanted]);
    out.capacity_ = wanted;
    return out;
}

void supplies::give_back(std::size_t capacity, std::unique_ptr<std::byte[]> memory) noexcept
{
    if (capacity > most_bytes_)
        return;
    std::lock_guard const lock(mutex_);
    memory_.push_back(idle_memory{capacity, std::move(memory)});
    memory_bytes_ += capacity;
    auto last = memory_.begin();
    for (; memory_bytes_ > most_bytes_ || memory_.end() - last > std::ptrdiff_t(most_pieces); ++last)
    {
        memory_bytes_ -= last->capacity;
        last->memory.reset();
    }
    memory_.erase(memory_.begin(), last);
}

std::unique_ptr<codec> supplies::take_codec(compression how)
{
    std::unique_ptr<codec> out;
    {
        std::lock_guard const lock(mutex_);
        auto const found = std::find_if(codecs_.rbegin(), codecs_.rend(),
                                        [&](idle_codec const& one) { return one.how == how; });
        if (found != codecs_.rend())
        {
            out = std::move(found->one);
            codecs_.erase(std::next(found).base());
        }
    }
    if (!out)
        return make_codec(how);
    out->reset();
    return out;
}

void supplies::give_back(compression how, std::unique_ptr<codec> one) noexcept
{
    std::lock_guard const lock(mutex_);
    codecs_.push_back(idle_codec{how, std::move(one)});
    if (codecs_.size() > most_codecs_)
        codecs_.erase(codecs_.begin());
}

std::size_t supplies::idle_bytes() const
{
    std::lock_guard const lock(mutex_);
    return memory_bytes_;
}

std::size_t supplies::idle_codecs() const
{
    std::lock_guard const lock(mutex_);
    return codecs_.size();
}

} // namespace kusto::gzip
