#include <sink/chunk_pool.hpp>

#include <utility>

namespace kusto::sink
{

namespace
{

constexpr std::size_t most_idle_chunks = 64;

} // namespace

chunk_pool::memory::memory(memory&& other) noexcept
    : home_(std::move(other.home_)),
      bytes_(std::move(other.bytes_)),
      size_(std::exchange(other.size_, 0))
{
}

chunk_pool::memory& chunk_pool::memory::operator=(memory&& other) noexcept
{
    if (this != &other)
    {
        release();
        home_ = std::move(other.home_);
        bytes_ = std::move(other.bytes_);
        size_ = std::exchange(other.size_, 0);
    }
    return *this;
}

void chunk_pool::memory::release() noexcept
{
    if (bytes_)
        home_->idle_.give(std::move(bytes_), std::exchange(size_, 0));
    home_.reset();
}

chunk_pool::chunk_pool(std::size_t most_idle) : idle_(most_idle, most_idle_chunks) {}

chunk_pool::memory chunk_pool::take(std::shared_ptr<chunk_pool> const& from, std::size_t size)
{
    auto idle = from->idle_.take([&](auto const&, std::size_t other) { return other == size; });
    if (idle)
        return memory(from, std::move(*idle), size);
    return memory(from, base::allocate_raw(size), size);
}

} // namespace kusto::sink
