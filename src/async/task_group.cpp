#include <async/task_group.hpp>

#include <async/one_shot.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <list>
#include <mutex>
#include <utility>

namespace kusto::async
{

namespace asio = boost::asio;

class task_group::book
{
public:
    std::mutex mutex;
    std::size_t running = 0;
    std::exception_ptr first_error;
    std::list<one_shot*> joining;
};

/// Counts one task for as long as its completion handler exists.
class task_group::entry
{
public:
    explicit entry(std::shared_ptr<book> where) : book_(std::move(where))
    {
        std::lock_guard const lock(book_->mutex);
        ++book_->running;
    }
    entry(entry const&) = delete;
    entry& operator=(entry const&) = delete;
    ~entry()
    {
        std::lock_guard const lock(book_->mutex);
        if (--book_->running != 0)
            return;
        for (auto* const one : book_->joining)
            one->set();
    }

    void fail(std::exception_ptr error)
    {
        std::lock_guard const lock(book_->mutex);
        if (!book_->first_error)
            book_->first_error = std::move(error);
    }

private:
    std::shared_ptr<book> book_;
};

class task_group::finished
{
public:
    explicit finished(std::unique_ptr<entry> task, std::shared_ptr<void> owner = nullptr)
        : owner_(std::move(owner)),
          task_(std::move(task))
    {
    }

    void operator()(std::exception_ptr error)
    {
        if (error)
            task_->fail(std::move(error));
        task_.reset();
    }

private:
    std::shared_ptr<void> owner_;
    std::unique_ptr<entry> task_;
};

task_group::task_group() : book_(std::make_shared<book>()) {}

void task_group::spawn(asio::any_io_executor executor, asio::awaitable<void> task)
{
    finished done(std::make_unique<entry>(book_));
    asio::co_spawn(std::move(executor), std::move(task), std::move(done));
}

void task_group::spawn(asio::any_io_executor executor, asio::awaitable<void> task,
                       asio::cancellation_slot slot, std::shared_ptr<void> owner)
{
    finished done(std::make_unique<entry>(book_), std::move(owner));
    asio::co_spawn(std::move(executor), std::move(task),
                   asio::bind_cancellation_slot(slot, std::move(done)));
}

std::size_t task_group::running() const
{
    std::lock_guard const lock(book_->mutex);
    return book_->running;
}

std::exception_ptr task_group::first_error() const
{
    std::lock_guard const lock(book_->mutex);
    return book_->first_error;
}

namespace
{

template <class Book>
class joining
{
public:
    joining(std::shared_ptr<Book> where, asio::any_io_executor executor)
        : event(std::move(executor)),
          book_(std::move(where))
    {
        std::lock_guard const lock(book_->mutex);
        place_ = book_->joining.insert(book_->joining.end(), &event);
        if (book_->running == 0)
            event.set();
    }
    joining(joining const&) = delete;
    joining& operator=(joining const&) = delete;
    ~joining()
    {
        std::lock_guard const lock(book_->mutex);
        book_->joining.erase(place_);
    }

    one_shot event;

private:
    std::shared_ptr<Book> book_;
    std::list<one_shot*>::iterator place_;
};

} // namespace

asio::awaitable<bool> task_group::join(std::chrono::steady_clock::time_point until)
{
    auto const book = book_;
    auto const executor = co_await asio::this_coro::executor;
    joining<task_group::book> wait(book, executor);
    bool const done = co_await wait.event.wait(until);
    co_return done;
}

} // namespace kusto::async
