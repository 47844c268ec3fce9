#include <sink/compression.hpp>

#include <algorithm>
#include <utility>

namespace kusto::sink
{

namespace
{

// Between two looks at the stop flag.
constexpr std::size_t slice = std::size_t(256) << 10;

std::uint64_t total(std::vector<gzip::compressor::block> const& blocks) noexcept
{
    std::uint64_t sum = 0;
    for (auto const& one : blocks)
        sum += one.size();
    return sum;
}

} // namespace

class batch_compressor::stopwatch
{
public:
    explicit stopwatch(std::chrono::steady_clock::duration& total) : total_(total) {}
    stopwatch(stopwatch const&) = delete;
    stopwatch& operator=(stopwatch const&) = delete;
    ~stopwatch() { total_ += std::chrono::steady_clock::now() - start_; }

private:
    std::chrono::steady_clock::duration& total_;
    std::chrono::steady_clock::time_point const start_ = std::chrono::steady_clock::now();
};

compression_pool::compression_pool(std::size_t threads)
    : stopping_(std::make_shared<std::atomic<bool>>(false)),
      pool_(threads)
{
}

compression_pool::~compression_pool()
{
    stopping_->store(true);
    pool_.stop();
    pool_.join();
}

batch_compressor::batch_compressor(kusto::compression how, std::size_t block_size, stop_flag stopping)
    : how_(how),
      block_size_(block_size),
      stopping_(std::move(stopping))
{
}

std::vector<gzip::compressor::block> batch_compressor::run(std::vector<chunk> pieces, bool last)
{
    stopwatch const timed(busy_);
    // Created by the first job, because many batches may wait for theirs.
    if (!compressor_)
        compressor_.emplace(how_, block_size_);
    std::vector<gzip::compressor::block> out;
    for (auto& piece : pieces)
        add(piece.take(), out);
    if (!last)
        return out;
    auto const before = out.size();
    compressor_->finish(out);
    for (auto i = before; i < out.size(); ++i)
    {
        produced_ += out[i].size();
        out[i].shrink_to_fit();
    }
    compressor_.reset();
    share_.resize(produced_);
    return out;
}

void batch_compressor::add(chunk piece, std::vector<gzip::compressor::block>& out)
{
    std::vector<gzip::compressor::block> fresh;
    auto left = piece.bytes();
    while (!left.empty() && !stopping_->load(std::memory_order_relaxed))
    {
        auto const part = left.first((std::min)(slice, left.size()));
        compressor_->add(part, fresh);
        left = left.subspan(part.size());
    }
    produced_ += total(fresh);
    for (auto& one : fresh)
        out.push_back(std::move(one));
    share_.merge(piece.dissolve());
    auto const exists = produced_ + compressor_->buffered();
    auto const wanted = exists + compressor_->held_back();
    if (wanted < share_.amount() || exists > share_.amount())
        share_.resize((std::max)(exists, (std::min)(wanted, share_.amount())));
}

} // namespace kusto::sink
